"""Sequences that are in memory already, read as those of a corpus are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.sequences import SequenceBatch


class Sequences(Protocol):
    """What a reader needs of a set of sequences, wherever it lies."""

    def __len__(self) -> int:
        """Return the number of sequences."""
        ...

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """Int64 [N], or None without labels."""
        ...

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Int64 [N], the number of steps of every sequence."""
        ...

    def batch(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> SequenceBatch:
        """Gather sequences into a batch, padded to the longest of them."""
        ...


class HeldSequences:
    """The sequences of one batch, for instance generated ones, as a set to read from."""

    def __init__(self, held: SequenceBatch) -> None:
        self._held = held

    def __len__(self) -> int:
        return len(self._held)

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """Int64 [N], or None without labels."""
        return None if self._held.labels is None else self._held.labels.numpy()

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Int64 [N], the number of steps of every sequence."""
        lengths: npt.NDArray[np.int64] = self._held.lengths.numpy()
        return lengths

    def batch(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> SequenceBatch:
        """Gather sequences into a batch, padded to the longest of them."""
        chosen = self._held.rows(torch.as_tensor(indices))
        return SequenceBatch(chosen.values[:, : int(chosen.lengths.max())], chosen.lengths, chosen.labels)


def chunks(sequences: Sequences, size: int) -> Iterator[SequenceBatch]:
    """Yield all sequences in their order, `size` at a time, so that memory is bounded."""
    for first in range(0, len(sequences), size):
        yield sequences.batch(range(first, min(first + size, len(sequences))))
