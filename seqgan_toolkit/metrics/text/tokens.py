"""What is measured of tokens that are no words."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.real_data import reference_split
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.captions import sentences_of
from seqgan_toolkit.metrics.text.grammar import distinct
from seqgan_toolkit.metrics.text.likelihood import nats_per_token

VERSION = 1


class TokenPanel:
    """`held_out_nll`, in nats per token of the held-out split, and `distinct`, the share of different sequences.

    Attributes:
        unigram: what the frequencies of the training tokens alone give to it, in nats per token.
    """

    def __init__(self, corpus: Corpus) -> None:
        """Read a corpus of tokens whose sequences are closed by an end token."""
        held_out = corpus.splits[reference_split(corpus)]
        self._tokens = held_out.lengths.astype(np.float64)
        known, held = corpus.splits["train"].token_counts() + 1, held_out.token_counts()
        self.unigram = float((held * (known.sum() / known).log()).sum() / held.sum())

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure tokens int64 [N, T]."""
        figures = {"distinct": distinct(sentences_of(sample.batch))}
        if sample.held_out_nll is not None:
            nats = sample.held_out_nll.double().cpu().numpy()
            note = f"nats per held-out token, end tokens counted; tokens' frequencies give {self.unigram:.3f}"
            figures["held_out_nll"] = nats_per_token(nats, self._tokens, version=VERSION, note=note)
        return figures
