"""The seam of a representation: notes to a sequence and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy.typing as npt

from seqgan_toolkit.domains.events.notes import Note
from seqgan_toolkit.sequences import SequenceSpace


class EventCoding(Protocol):
    """How notes, in steps of the grid, become a sequence; fitted on training tunes."""

    @property
    def space(self) -> SequenceSpace:
        """The space of the sequences."""
        ...

    def encode(self, notes: Sequence[Note]) -> npt.NDArray[Any]:
        """Return notes, of which the first begins at 0, as tokens int64 [T] or frames float32 [T, F]."""
        ...

    def decode(self, values: npt.NDArray[Any]) -> list[Note]:
        """Return the notes of a sequence of this length, whatever a generator has made up."""
        ...

    def state(self) -> dict[str, Any]:
        """Return plain data from which it is rebuilt."""
        ...


def shifts_of(notes: Iterable[Note]) -> list[int]:
    """Return for every note the steps from the onset before it, the first one's from 0."""
    onsets = [note.onset for note in notes]
    return [onset - before for onset, before in zip(onsets, [0, *onsets], strict=False)]
