"""Notes as tokens: time shift, velocity, pitch and duration in turn.

Performance RNN (Oore et al. 2018) with durations in place of note-offs, so that no note can stay on. As there, time
shifts and velocities stand only where they change something: a note is two tokens at least and four at most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.events.coding import shifts_of
from seqgan_toolkit.domains.events.notes import LOUDEST, Note
from seqgan_toolkit.sequences import END, PAD, START, TokenSpace

KINDS = ("shift", "velocity", "pitch", "duration")
FOLLOWERS = {
    "": ("shift", "velocity", "pitch"),
    "shift": ("velocity", "pitch"),
    "velocity": ("pitch",),
    "pitch": ("duration",),
    "duration": ("shift", "velocity", "pitch"),
}
"""What may stand after a token of each kind, and at the beginning; the end stands after a duration."""
RESERVED = max(PAD, START, END) + 1
FIRST_VELOCITY = 64
"""Of notes before which no velocity stands."""


@dataclass(frozen=True)
class EventTokens:
    """One token for every value that training tunes have; other tunes' values become the nearest of these.

    Attributes:
        shift: steps from one onset to the next, in ascending order like the rest.
        velocity: the middles of the levels of velocity.
        pitch: MIDI note numbers.
        duration: steps.
        num_levels: into how many levels velocities are sorted.
    """

    shift: tuple[int, ...]
    velocity: tuple[int, ...]
    pitch: tuple[int, ...]
    duration: tuple[int, ...]
    num_levels: int

    @classmethod
    def fit(cls, tunes: Iterable[Sequence[Note]], num_levels: int) -> Self:
        """Gather the values of training tunes, each of which begins at 0."""
        found: dict[str, set[int]] = {kind: set() for kind in KINDS}
        for notes in tunes:
            found["shift"].update(shifts_of(notes))
            found["velocity"].update(_level(note.velocity, num_levels) for note in notes)
            found["pitch"].update(note.pitch for note in notes)
            found["duration"].update(note.duration for note in notes)
        found["shift"].discard(0)
        return cls(**{kind: tuple(sorted(values)) for kind, values in found.items()}, num_levels=num_levels)

    @property
    def _words(self) -> list[tuple[str, int]]:
        """The kind and value of every token after the reserved ones."""
        return [(kind, value) for kind in KINDS for value in getattr(self, kind)]

    @property
    def space(self) -> TokenSpace:
        """The reserved tokens and those of the values."""
        return TokenSpace(RESERVED + len(self._words))

    def state(self) -> dict[str, Any]:
        """Return the values."""
        return {**{kind: list(getattr(self, kind)) for kind in KINDS}, "num_levels": self.num_levels}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild what `state` described."""
        return cls(**{kind: tuple(state[kind]) for kind in KINDS}, num_levels=state["num_levels"])

    def encode(self, notes: Sequence[Note]) -> npt.NDArray[np.int64]:
        """Return the tokens of a tune that begins at 0, int64 [T], the end token last."""
        first = self._first_ids()
        ids: list[int] = []
        before = None
        for note, shift in zip(notes, shifts_of(notes), strict=True):
            level = _level(note.velocity, self.num_levels)
            if shift and self.shift:
                ids.append(first["shift"] + _nearest(self.shift, shift))
            if level != before:
                ids.append(first["velocity"] + _nearest(self.velocity, level))
            ids.append(first["pitch"] + _nearest(self.pitch, note.pitch))
            ids.append(first["duration"] + _nearest(self.duration, note.duration))
            before = level
        return np.array([*ids, END], np.int64)

    def _first_ids(self) -> dict[str, int]:
        """Return the id of the first token of each kind."""
        first, place = {}, RESERVED
        for kind in KINDS:
            first[kind] = place
            place += len(getattr(self, kind))
        return first

    def decode(self, values: npt.NDArray[np.int64]) -> list[Note]:
        """Return the notes of tokens [T] up to the end token.

        Tokens that stand where they have no meaning are passed over: a note is a pitch with its duration after it.
        """
        notes: list[Note] = []
        onset, velocity, pitch = 0, FIRST_VELOCITY, None
        for kind, value in self._read(values):
            if kind == "duration" and pitch is not None:
                notes.append(Note(onset, pitch, value, velocity))
            pitch = value if kind == "pitch" else None
            if kind == "shift":
                onset += value
            elif kind == "velocity":
                velocity = value
        return notes

    def well_formed(self, values: npt.NDArray[np.int64]) -> bool:
        """Tell whether every one of the tokens [T] stands where it may, up to an end token after a duration."""
        before = ""
        for kind, _ in self._read(values):
            if kind not in FOLLOWERS[before]:
                return False
            before = kind
        return before == "duration" and END in values

    def _read(self, values: npt.NDArray[np.int64]) -> Iterable[tuple[str, int]]:
        """Yield the kind and value of tokens up to the end; reserved ones have none."""
        words = self._words
        for token in values.tolist():
            if token == END:
                return
            yield words[token - RESERVED] if token >= RESERVED else ("", 0)


def _level(velocity: int, num_levels: int) -> int:
    """Return the middle of the level that a velocity lies in."""
    level = velocity * num_levels // (LOUDEST + 1)
    return max(1, (2 * level + 1) * (LOUDEST + 1) // (2 * num_levels))


def _nearest(values: tuple[int, ...], value: int) -> int:
    """Return the place of the value that is nearest among ascending ones."""
    place = bisect_left(values, value)
    candidates = [index for index in (place - 1, place) if 0 <= index < len(values)]
    return min(candidates, key=lambda index: abs(values[index] - value))
