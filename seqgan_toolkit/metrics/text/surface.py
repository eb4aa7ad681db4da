"""What can be read off sentences without a model: how many n-grams are distinct, and how long sentences are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.kolmogorov_smirnov import length_ks
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.captions import sentences_of
from seqgan_toolkit.metrics.text.ngrams import FlatSentences, Integers, ngrams

VERSION = 1
MAX_ORDER = 4
DISTINCT_NOTE = "distinct n-grams over n-grams; it falls with the number of sentences ({})"


class SurfacePanel:
    """`distinct_1` to `distinct_4`, `mean_length` and `length_ks`, on token ids without start, end and padding."""

    def __init__(self, references: Sequence[Sequence[int]]) -> None:
        """Take the words of the test sentences, whose lengths are the real ones."""
        self._lengths = np.sort([len(sentence) for sentence in references])

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure sentences, tokens int64 [N, T]."""
        sentences = sentences_of(sample.batch)
        lengths = np.array([len(sentence) for sentence in sentences])
        mean = mean_with_interval(
            torch.from_numpy(lengths).double(),
            version=VERSION,
            higher_is_better=None,
            note=f"tokens of a sentence, the end token left out; held-out sentences have {self._lengths.mean():.4g}",
        )
        return {
            **distinct_ngrams(sentences),
            "mean_length": mean,
            "length_ks": length_ks(lengths, self._lengths, "held-out sentences"),
        }


def distinct_ngrams(sentences: Sequence[Sequence[int]]) -> dict[str, Measurement]:
    """Return `distinct_1` to `distinct_4`: different n-grams of all sentences over all n-grams (Li et al. 2016)."""
    flat = FlatSentences.of(sentences)
    return {
        f"distinct_{order}": _distinct(ids, owners, len(sentences))
        for order, (ids, owners) in enumerate(ngrams(flat, MAX_ORDER), start=1)
    }


def _distinct(ids: Integers, owners: Integers, count: int) -> Measurement:
    note = DISTINCT_NOTE.format(count)
    if not len(ids):
        return Measurement(None, None, VERSION, True, "no sentence is as long as that")

    def distinct(kept: Integers) -> float:
        chosen = np.zeros(count, bool)
        chosen[kept] = True
        some = ids[chosen[owners]]
        return float(np.count_nonzero(np.bincount(some))) / max(1, len(some))

    value = distinct(np.arange(count))
    interval = jackknife_interval(count, distinct, value)
    return Measurement(value, interval and (interval[0], min(1.0, interval[1])), VERSION, True, note)
