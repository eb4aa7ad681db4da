"""BLEU and Self-BLEU as papers on text GANs measure them, exactly and fast.

BLEU-n of a sentence (Papineni et al. 2002) is its brevity penalty times the geometric mean of its clipped n-gram
precisions of orders 1 to n, with uniform weights; a precision of zero counts as 0.1 / denominator (smoothing method 1
of Chen and Cherry 2014, as in NLTK), and a sentence without a word in common with the references scores 0. A set
scores the mean over its sentences, each against all references. Self-BLEU (Zhu et al. 2018) takes for each sentence
all others of the set as its references, never the sentence itself.

An n-gram's clipped count needs only its largest count in any reference. For Self-BLEU it is enough to keep the
second-largest count beside it, and which sentence holds the largest: leaving a sentence out costs one look-up.

Legend: N sentences, K the highest order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

VERSION = 1
EPSILON = 0.1
"""The numerator that stands in for zero."""

Sentence = Sequence[Hashable]
NGram = tuple[Hashable, ...]


def bleu(hypotheses: Sequence[Sentence], references: Sequence[Sentence], max_order: int = 5) -> list[float]:
    """Return BLEU-1 to BLEU-K of a set of sentences: the mean over them, each against all references.

    Args:
        hypotheses: the sentences to judge, tokens without start, end and padding.
        references: real sentences, likewise.
        max_order: K.

    Raises:
        ValueError: there is no hypothesis or no reference.
    """
    return _mean(References(references, max_order).scores(hypotheses))


def self_bleu(sentences: Sequence[Sentence], max_order: int = 5) -> list[float]:
    """Return Self-BLEU-1 to Self-BLEU-K of a set: the mean over sentences, each against all others.

    Args:
        sentences: tokens without start, end and padding.
        max_order: K.

    Raises:
        ValueError: there are fewer than two sentences.
    """
    return _mean(self_bleu_scores(sentences, max_order))


def self_bleu_scores(sentences: Sequence[Sentence], max_order: int = 5) -> npt.NDArray[np.float64]:
    """Return Self-BLEU of every sentence, float64 [N, K]; see `self_bleu`."""
    if len(sentences) < 2:
        raise ValueError("Self-BLEU needs at least two sentences")
    return References(sentences, max_order).scores_without_self()


def _mean(scores: npt.NDArray[np.float64]) -> list[float]:
    if not len(scores):
        raise ValueError("BLEU needs at least one hypothesis")
    return [float(value) for value in scores.mean(axis=0)]


@dataclass(slots=True)
class _Most:
    """The largest count of an n-gram in one reference, which reference that is, and the largest in any other."""

    count: int
    owner: int
    others: int = 0


class References:
    """A set of reference sentences, counted once and good for any number of hypotheses."""

    def __init__(self, sentences: Sequence[Sentence], max_order: int = 5) -> None:
        """Count the n-grams of the references.

        Args:
            sentences: tokens without start, end and padding.
            max_order: K.

        Raises:
            ValueError: there is no sentence.
        """
        if not sentences:
            raise ValueError("BLEU needs at least one reference")
        self.max_order = max_order
        self._sentences = sentences
        self._lengths = Counter(len(sentence) for sentence in sentences)
        self._most: dict[NGram, _Most] = {}
        for owner, sentence in enumerate(sentences):
            for counts in _ngrams(sentence, max_order):
                self._take(counts, owner)

    def _take(self, counts: Counter[NGram], owner: int) -> None:
        table = self._most
        for ngram, count in counts.items():
            most = table.get(ngram)
            if most is None:
                table[ngram] = _Most(count, owner)
            elif count > most.count:
                most.count, most.owner, most.others = count, owner, most.count
            elif count > most.others:
                most.others = count

    def scores(self, hypotheses: Sequence[Sentence]) -> npt.NDArray[np.float64]:
        """Return BLEU-1 to BLEU-K of every hypothesis against all references, float64 [N, K]."""
        lengths = list(self._lengths)
        closest = {length: _closest(length, lengths) for length in {len(sentence) for sentence in hypotheses}}
        rows = [
            _score([self._matches(counts) for counts in _ngrams(sentence, self.max_order)], sentence, closest)
            for sentence in hypotheses
        ]
        return np.asarray(rows, dtype=np.float64).reshape(len(hypotheses), self.max_order)

    def scores_without_self(self) -> npt.NDArray[np.float64]:
        """Return BLEU-1 to BLEU-K of every reference against all the others, float64 [N, K]."""
        closest = {length: self._closest_other(length) for length in self._lengths}
        rows = [
            _score(
                [self._matches_elsewhere(counts, owner) for counts in _ngrams(sentence, self.max_order)],
                sentence,
                closest,
            )
            for owner, sentence in enumerate(self._sentences)
        ]
        return np.asarray(rows, dtype=np.float64)

    def _matches(self, counts: Counter[NGram]) -> int:
        """Return the clipped number of n-grams that the references hold."""
        table, matches = self._most, 0
        for ngram, count in counts.items():
            most = table.get(ngram)
            if most is not None:
                matches += min(count, most.count)
        return matches

    def _matches_elsewhere(self, counts: Counter[NGram], owner: int) -> int:
        """Return the clipped number of n-grams that the references other than `owner` hold."""
        table, matches = self._most, 0
        for ngram, count in counts.items():
            most = table[ngram]
            matches += min(count, most.others if most.owner == owner else most.count)
        return matches

    def _closest_other(self, length: int) -> int:
        """Return the length nearest to that of one reference among all the others."""
        return _closest(length, [other for other, count in self._lengths.items() if other != length or count > 1])


def _ngrams(sentence: Sentence, max_order: int) -> Iterable[Counter[NGram]]:
    """Yield the counts of the n-grams of orders 1 to K."""
    for order in range(1, max_order + 1):
        yield Counter(zip(*(sentence[start:] for start in range(order)), strict=False))


def _closest(length: int, lengths: Iterable[int]) -> int:
    """Return the nearest of `lengths`, the shorter of two equally near."""
    return min(lengths, key=lambda other: (abs(other - length), other))


def _score(matches: Sequence[int], sentence: Sentence, closest: dict[int, int]) -> list[float]:
    """Return BLEU-1 to BLEU-K from the clipped matches of each order."""
    length = len(sentence)
    if not matches[0]:
        return [0.0] * len(matches)
    penalty = min(0.0, 1.0 - closest[length] / length)
    scores, total = [], 0.0
    for order, count in enumerate(matches, start=1):
        total += math.log((count or EPSILON) / max(1, length - order + 1))
        scores.append(math.exp(penalty + total / order))
    return scores
