"""Where raw items come from: the seam between the world and a domain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Split = Literal["train", "valid", "test"]
HeldOut = Literal["test", "valid"]
"""The splits that figures can be measured against."""
SPLITS: tuple[Split, ...] = ("train", "valid", "test")


@dataclass(frozen=True)
class RawItem:
    """One thing as the world has it.

    Attributes:
        value: a sentence (str), a waveform or a tune or the path of one, or an image (uint8 [H, W] or [H, W, C]).
        label: the name of its class, or None.
        where: file and line (or index), for messages about this item.
    """

    value: Any
    label: str | None = None
    where: str = ""


class Source(Protocol):
    """Raw items in three splits. Reading a split twice gives the same items in the same order."""

    name: str

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the items of one split, holding few of them in memory at once."""
        ...

    def size(self, split: Split) -> int | None:
        """Return the number of items where it is known without reading them, for progress bars."""
        ...


def split_of(key: str, *, valid_share: float, test_share: float, has_test: bool = False) -> Split:
    """Assign an item to a split by a hash of its content, so that duplicates never cross splits.

    Args:
        key: what identifies the item, for instance the sentence itself or the file's name.
        valid_share: share of the items held out for validation.
        test_share: share of the items held out for tests, unless the source brings its own test split.
        has_test: whether the source brings its own test split; then only validation is held out.
    """
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    position = int.from_bytes(digest, "big") / 2**64
    if position < valid_share:
        return "valid"
    return "test" if not has_test and position < valid_share + test_share else "train"


def natural_order(name: str) -> tuple[int, int, str]:
    """Return the key by which names of labels are sorted: numbers by value, and before other names."""
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)
