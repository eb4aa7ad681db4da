"""Runs of consecutive tokens in many sentences at once, numbered and counted in arrays.

A run of n tokens is known by the number of its first n - 1 tokens and its last token, so that one sort an order numbers
all of them exactly, without hashes that could collide.

Legend: N sentences, S tokens of all sentences together, M runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FlatSentences:
    """Sentences end to end.

    Attributes:
        tokens: int64 [S], all tokens.
        owners: int64 [S], the sentence that each token belongs to.
        ends: int64 [S], where that sentence ends: the position after its last token.
        count: N.
    """

    tokens: Integers
    owners: Integers
    ends: Integers
    count: int

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]]) -> Self:
        """Join sentences of token ids, each at least 0."""
        lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
        tokens = np.fromiter(chain.from_iterable(sentences), np.int64, int(lengths.sum()))
        owners = np.repeat(np.arange(len(lengths)), lengths)
        return cls(tokens, owners, np.repeat(lengths.cumsum(), lengths), len(lengths))


def ngrams(flat: FlatSentences, max_order: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield for the orders 1 to `max_order` the number of every n-gram, equal for equal ones, and its sentence.

    Yields:
        Two arrays int64 [M]: numbers from 0 on without gaps, and sentences.
    """
    starts, ids = np.arange(len(flat.tokens)), np.zeros(len(flat.tokens), np.int64)
    for order in range(1, max_order + 1):
        starts, keys = _longer(flat, starts, ids, order, _base(flat))
        _, ids = np.unique(keys, return_inverse=True)
        yield ids, flat.owners[starts]


def longest_common_runs(sentences: FlatSentences, others: FlatSentences) -> Integers:
    """Return int64 [N], the longest run of tokens of each sentence that some other sentence holds as a whole.

    Args:
        sentences: the N sentences.
        others: those in which their runs are looked for.
    """
    longest = np.zeros(sentences.count, np.int64)
    base = max(_base(sentences), _base(others))
    ours, theirs = ((np.arange(len(flat.tokens)), np.zeros(len(flat.tokens), np.int64)) for flat in (sentences, others))
    for order in range(1, len(sentences.tokens) + 1):
        our_starts, our_keys = _longer(sentences, *ours, order, base)
        their_starts, their_keys = _longer(others, *theirs, order, base)
        known = np.intersect1d(our_keys, their_keys)
        if not len(known):
            break
        # Only a run that both hold can be part of a longer one that both hold.
        ours = _numbered(our_starts, our_keys, known)
        theirs = _numbered(their_starts, their_keys, known)
        longest[sentences.owners[ours[0]]] = order
    return longest


def _base(flat: FlatSentences) -> int:
    return int(flat.tokens.max(initial=0)) + 1


def _longer(flat: FlatSentences, starts: Integers, ids: Integers, order: int, base: int) -> tuple[Integers, Integers]:
    """Return the starts of the runs that have room for an `order`-th token, and keys that tell those runs apart."""
    inside = starts + order <= flat.ends[starts]
    kept = starts[inside]
    return kept, ids[inside] * base + flat.tokens[kept + order - 1]


def _numbered(starts: Integers, keys: Integers, known: Integers) -> tuple[Integers, Integers]:
    """Keep the runs whose key is known, and number them by its place among the known ones (sorted)."""
    places = np.searchsorted(known, keys).clip(max=len(known) - 1)
    found = known[places] == keys
    return starts[found], places[found]
