"""Batches for training, drawn for ever, and resumable to the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.held import Sequences
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import SequenceBatch

POOL = 50
"""Batches among which sequences are sorted by length."""


class Loader:
    """Goes through a split in a new random order each epoch; what does not fill a batch waits for the next one.

    With `group_size`, a batch is made of groups of neighbours that share a label: the shuffled order gives the first
    of each group, so that labels come as often as in the data, and the others are drawn from the same label.

    Args:
        store: the split, or any other set of sequences.
        batch_size: B, of all processes together.
        draws: where the order comes from; its rank and world slice the batch.
        group_size: neighbours of one label; 0 or 1 for plain batches.
        mixed: neighbours may have any labels, as the order has them; a group then only stays within a process.
        by_length: let a batch hold sequences of about one length, so that little of it is padding.

    Raises:
        UserError: the split is smaller than a batch, or a batch does not divide between the processes.
    """

    def __init__(
        self,
        store: Sequences,
        batch_size: int,
        draws: Draws,
        *,
        group_size: int = 0,
        mixed: bool = False,
        by_length: bool = False,
    ) -> None:
        if batch_size > len(store):
            raise UserError(
                f"a batch of {batch_size} is larger than the {len(store)} training sequences: "
                "lower batch_size or give more data"
            )
        if batch_size % draws.world or (group_size and batch_size // draws.world % group_size):
            raise UserError(f"a batch of {batch_size} does not divide between {draws.world} processes and its groups")
        self.store, self.batch_size, self.draws, self.by_length = store, batch_size, draws, by_length
        self.group_size = group_size if group_size > 1 and store.labels is not None and not mixed else 1
        self._members = self._label_members() if self.group_size > 1 else {}
        self._order: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._position = 0

    def next(self) -> SequenceBatch:
        """Return the next batch, the rows of this process."""
        firsts = self._take(self.batch_size // self.group_size)
        chosen = firsts if self.group_size == 1 else self._fill_groups(firsts)
        own = self.batch_size // self.draws.world
        # The whole batch is gathered, so that every process pads to the same number of steps and draws alike.
        return self.store.batch(chosen).rows(slice(self.draws.rank * own, (self.draws.rank + 1) * own))

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands."""
        return {
            "order": torch.from_numpy(self._order),
            "position": self._position,
            "draws": self.draws.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where `state_dict` stood."""
        self._order, self._position = state["order"].numpy(), state["position"]
        self.draws.load_state_dict(state["draws"])

    def _take(self, count: int) -> npt.NDArray[np.int64]:
        if self._position + count > len(self._order):
            self._order = self._shuffled()
            self._position = 0
        taken = self._order[self._position : self._position + count]
        self._position += count
        return taken

    def _shuffled(self) -> npt.NDArray[np.int64]:
        order: npt.NDArray[np.int64] = self.draws.uniform_everywhere(len(self.store)).argsort().numpy()
        if not self.by_length:
            return order
        # Sorted by length within pools of a few batches, whose batches are then shuffled again.
        # What is over is left out before, or the longest sequences would be left out of every epoch.
        order = order[: len(order) // self.batch_size * self.batch_size]
        lengths, pool = self.store.lengths, POOL * self.batch_size
        pools = [order[first : first + pool] for first in range(0, len(order), pool)]
        order = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in pools])
        whole = order.reshape(-1, self.batch_size)
        mixed: npt.NDArray[np.int64] = whole[self.draws.uniform_everywhere(len(whole)).argsort().numpy()].reshape(-1)
        return mixed

    def _label_members(self) -> dict[int, npt.NDArray[np.int64]]:
        labels = self.store.labels
        assert labels is not None
        return {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}

    def _fill_groups(self, firsts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        assert self.store.labels is not None
        uniform = self.draws.uniform_everywhere(len(firsts), self.group_size - 1).numpy()
        groups = []
        for first, numbers in zip(firsts, uniform, strict=True):
            members = self._members[int(self.store.labels[first])]
            groups.append(np.concatenate([[first], members[(numbers * len(members)).astype(np.int64)]]))
        return np.concatenate(groups)
