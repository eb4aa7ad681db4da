"""How generated sentences compare with real ones: quality by BLEU, diversity by Self-BLEU, held-out likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.text.bleu import VERSION as BLEU_VERSION
from seqgan_toolkit.metrics.text.bleu import References, self_bleu_scores
from seqgan_toolkit.metrics.text.likelihood import nats_per_token
from seqgan_toolkit.sequences import END, PAD, START

if TYPE_CHECKING:
    from seqgan_toolkit.metrics.sample import Sample
    from seqgan_toolkit.sequences import SequenceBatch

ORDERS = (2, 3, 4, 5)
Z = 1.959964
"""Half the width of a 95 % interval, in standard errors."""

BLEU_NOTE = "a BLEU above that of real text is a sign of collapse, not of quality"
SELF_BLEU_NOTE = "lower is more diverse; real text has its own value, and it grows with the number of sentences ({})"
DISTINCT_NOTE = "share of different sentences; it falls with the number of sentences ({})"
NLL_VERSION = 2
"""2: padding and start, which are never sampled, have no probability."""
NLL_NOTE = "nats per held-out token, end tokens counted"


class CaptionPanel:
    """The figures of generated sentences against held-out ones, all on token ids without start, end and padding.

    The unknown token counts as a word like any other, on both sides: it lifts BLEU where the vocabulary is small.
    """

    def __init__(self, references: Sequence[Sequence[int]]) -> None:
        """Count the references once.

        Args:
            references: held-out sentences, token ids; start, end and padding are left out.
        """
        self._sentences = [words_of(sentence) for sentence in references]
        self._references = References(self._sentences, max(ORDERS))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure one sample of generated sentences.

        Args:
            sample: sequences of tokens int64 [B, T] and, where the generator gives it, the likelihood of the test
                split.
        """
        sentences = sentences_of(sample.batch)
        note = DISTINCT_NOTE.format(len(sentences))
        distinct = share(len(set(sentences)), len(sentences), version=1, note=note)
        figures = {**self._bleu(sentences), **_self_bleu(sentences), "distinct": distinct}
        if sample.held_out_nll is not None:
            nats = sample.held_out_nll.double().cpu().numpy()
            tokens = np.array([len(sentence) + 1 for sentence in self._sentences], dtype=np.float64)
            figures["held_out_nll"] = nats_per_token(nats, tokens, version=NLL_VERSION, note=NLL_NOTE)
        return figures

    def _bleu(self, sentences: Sequence[tuple[int, ...]]) -> dict[str, Measurement]:
        scores = self._references.scores(sentences)
        return {f"bleu_{order}": _mean(scores[:, order - 1], higher_is_better=True, note=BLEU_NOTE) for order in ORDERS}


def sentences_of(batch: SequenceBatch) -> list[tuple[int, ...]]:
    """Return the words of every sequence: up to its end token or its length, without the reserved ids 0 to 2.

    Args:
        batch: tokens int64 [B, T].
    """
    rows, lengths = batch.values.tolist(), batch.lengths.tolist()
    return [words_of(row[:length]) for row, length in zip(rows, lengths, strict=True)]


def words_of(ids: Sequence[int]) -> tuple[int, ...]:
    """Return the ids of one sequence up to its end token, without padding and start."""
    ended = ids[: list(ids).index(END)] if END in ids else ids
    return tuple(int(index) for index in ended if index not in (PAD, START))


def _self_bleu(sentences: Sequence[tuple[int, ...]]) -> dict[str, Measurement]:
    if len(sentences) < 2:
        missing = Measurement(None, None, BLEU_VERSION, False, "needs at least two sentences")
        return {f"self_bleu_{order}": missing for order in ORDERS}
    scores, note = self_bleu_scores(sentences, max(ORDERS)), SELF_BLEU_NOTE.format(len(sentences))
    return {f"self_bleu_{order}": _mean(scores[:, order - 1], higher_is_better=False, note=note) for order in ORDERS}


def _mean(values: npt.NDArray[np.float64], *, higher_is_better: bool, note: str) -> Measurement:
    """Return the mean over sentences with its normal interval."""
    mean = float(values.mean())
    half = Z * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else None
    interval = None if half is None else (mean - half, mean + half)
    return Measurement(mean, interval, BLEU_VERSION, higher_is_better, note)
