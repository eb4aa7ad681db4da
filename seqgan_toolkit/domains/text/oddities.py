"""What is odd about the sentences that a user brought: counted while they are prepared, and said once."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.console import say
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.tokenizers import SPECIAL_TOKENS

Keys = npt.NDArray[np.int64]
KEYS_AT_ONCE = 1 << 20


@dataclass
class SplitCounts:
    """What became of the sentences of one split.

    Attributes:
        sentences: how many were written.
        tokens: their tokens, end tokens included.
        cut: how many were longer than allowed.
        blank: how many lines had nothing on them.
        unknown: how many tokens are the unknown one.
        hashes: one of each sentence, 8 bytes.
    """

    sentences: int = 0
    tokens: int = 0
    cut: int = 0
    blank: int = 0
    unknown: int = 0
    hashes: array[int] = field(default_factory=lambda: array("q"))

    @property
    def keys(self) -> Keys:
        """The hashes as int64 [sentences]."""
        return np.frombuffer(self.hashes, dtype=np.int64)


def notes_on(counts: Mapping[Split, SplitCounts]) -> dict[str, Any]:
    """Return the corpus's notes on each split; `shared` are sentences that are in the training split too."""
    train = counts["train"].keys
    return {
        split: {
            "sentences": count.sentences,
            "tokens": count.tokens,
            "cut": count.cut,
            "blank": count.blank,
            "unknown_share": count.unknown / max(1, count.tokens - count.sentences),
            **({} if split == "train" else {"shared": num_shared(count.keys, train)}),
        }
        for split, count in counts.items()
    }


def say_what_is_odd(
    name: str, domain: TextDomain, labels: list[str], counts: Mapping[Split, SplitCounts], notes: dict[str, Any]
) -> None:
    """Say what a user would want to know before training, a line each.

    Args:
        name: the source's.
        domain: fitted.
        labels: the labels of the training split.
        counts: of each split.
        notes: what `notes_on` made of them.
    """
    for split, note in notes.items():
        of_all = f"{name}: {split}: {{}} of {note['sentences']} sentences"
        if note["cut"]:
            say(f"{of_all.format(note['cut'])} are longer than max_length {domain.spec.max_length} and were cut")
        if note.get("shared"):
            say(f"{of_all.format(note['shared'])} are in the training split too")
    train = counts["train"].keys
    if (train == train[0]).all():
        say(f"{name}: all {len(train)} training sentences are the same one, so that is all a model can learn")
    elif len(domain.tokens) == len(SPECIAL_TOKENS) + 1:
        say(f"{name}: the vocabulary is one token, '{domain.tokens[-1]}': a model can learn nothing but lengths")
    if len(labels) == 1:
        say(f"{name}: every sentence has the label '{labels[0]}': with one class the model is trained without labels")


def num_shared(keys: Keys, train: Keys) -> int:
    """Return how many of `keys` are among those of the training split, in bounded memory."""
    if not len(keys):
        return 0
    known, origins = np.unique(keys, return_inverse=True)
    seen = np.zeros(len(known), dtype=bool)
    for first in range(0, len(train), KEYS_AT_ONCE):
        piece = train[first : first + KEYS_AT_ONCE]
        places = np.searchsorted(known, piece).clip(max=len(known) - 1)
        seen[places[known[places] == piece]] = True
    return int(seen[origins].sum())
