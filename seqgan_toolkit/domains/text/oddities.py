"""What is odd about the sentences that a user brought: counted while they are prepared, and said once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.console import say
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.tokenizers import SPECIAL_TOKENS

Keys = npt.NDArray[np.int64]
"""Hashes of sentences, by which they are told apart."""


@dataclass
class SplitCounts:
    """What became of the sentences of one split.

    Attributes:
        sentences: how many were written.
        tokens: their tokens, end tokens included.
        cut: how many were longer than allowed.
        blank: how many lines had nothing on them.
        unknown: how many tokens are the unknown one.
    """

    sentences: int = 0
    tokens: int = 0
    cut: int = 0
    blank: int = 0
    unknown: int = 0


class Overlap:
    """Which held-out sentences the training split has too.

    Held-out sentences come first and are remembered by 8 bytes each; of the training split, which may be large, nothing
    is kept but whether all its sentences are the same.
    """

    def __init__(self) -> None:
        self._held_out: dict[Split, list[Keys]] = {"valid": [], "test": []}
        self._known, self._seen = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
        self._first: int | None = None
        self.all_equal = True

    def add(self, split: Split, keys: Keys) -> None:
        """Take in sentences of a split, int64 [N] with N at least 1; the training split comes last."""
        if split != "train":
            self._held_out[split].append(keys)
            return
        if self._first is None:
            self._first = int(keys[0])
            held_out = [keys for pieces in self._held_out.values() for keys in pieces]
            self._known = np.unique(np.concatenate([*held_out, self._known]))
            self._seen = np.zeros(len(self._known), dtype=bool)
        self.all_equal &= bool((keys == self._first).all())
        if len(self._known):
            places = np.searchsorted(self._known, keys).clip(max=len(self._known) - 1)
            self._seen[places[self._known[places] == keys]] = True

    def num_shared(self, split: Split) -> int:
        """Return how many sentences of a held-out split the training split has too."""
        return sum(int(self._seen[np.searchsorted(self._known, keys)].sum()) for keys in self._held_out[split])


def notes_on(counts: Mapping[Split, SplitCounts], overlap: Overlap) -> dict[str, Any]:
    """Return the corpus's notes on each split; `shared` are sentences that are in the training split too."""
    return {
        split: {
            "sentences": count.sentences,
            "tokens": count.tokens,
            "cut": count.cut,
            "blank": count.blank,
            "unknown_share": count.unknown / max(1, count.tokens - count.sentences),
            **({} if split == "train" else {"shared": overlap.num_shared(split)}),
        }
        for split, count in counts.items()
    }


def say_what_is_odd(
    name: str, domain: TextDomain, labels: list[str], overlap: Overlap, notes: Mapping[str, Any]
) -> None:
    """Say what a user would want to know before training, a line each.

    Args:
        name: the source's.
        domain: fitted.
        labels: the labels of the training split.
        overlap: of the splits.
        notes: what `notes_on` made of the counts.
    """
    for split, note in notes.items():
        of_all = f"{name}: {split}: {{}} of {note['sentences']} sentences"
        if note["cut"]:
            say(f"{of_all.format(note['cut'])} are longer than max_length {domain.spec.max_length} and were cut")
        if note.get("shared"):
            say(f"{of_all.format(note['shared'])} are in the training split too")
    if overlap.all_equal:
        num = notes["train"]["sentences"]
        say(f"{name}: all {num} training sentences are the same one, so that is all a model can learn")
    elif len(domain.tokens) == len(SPECIAL_TOKENS) + 1:
        say(f"{name}: the vocabulary is one token, '{domain.tokens[-1]}': a model can learn nothing but lengths")
    if len(labels) == 1:
        say(f"{name}: every sentence has the label '{labels[0]}': with one class the model is trained without labels")
