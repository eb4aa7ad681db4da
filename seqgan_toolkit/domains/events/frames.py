"""Notes as frames of four numbers, as C-RNN-GAN (Mogren 2016): the path-wise representation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.events.coding import shifts_of
from seqgan_toolkit.domains.events.notes import LOUDEST, Note
from seqgan_toolkit.sequences import FrameSpace


@dataclass(frozen=True)
class EventFrames:
    """A note is the logarithm of the time since the last onset, that of its duration, its pitch and its velocity.

    Attributes:
        longest: the longest shift or duration of the training tunes, in steps.
        low: their lowest pitch.
        high: their highest pitch.
    """

    longest: int
    low: int
    high: int

    @classmethod
    def fit(cls, tunes: Iterable[Sequence[Note]]) -> Self:
        """Find the ranges of training tunes, each of which begins at 0."""
        longest, pitches = 1, set[int]()
        for notes in tunes:
            longest = max(longest, *shifts_of(notes), *(note.duration for note in notes))
            pitches.update(note.pitch for note in notes)
        return cls(longest, min(pitches, default=0), max(pitches, default=0))

    @property
    def space(self) -> FrameSpace:
        """Frames of four values in [-1, 1]."""
        return FrameSpace(4)

    def state(self) -> dict[str, Any]:
        """Return the ranges."""
        return {"longest": self.longest, "low": self.low, "high": self.high}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild what `state` described."""
        return cls(**state)

    @property
    def _centre_and_half(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The middle and half the width of the range of each value, before it is scaled."""
        log_longest = math.log1p(self.longest)
        ranges = [(0.0, log_longest), (math.log(2), log_longest), (self.low, self.high), (1, LOUDEST)]
        low, high = np.array(ranges, dtype=np.float64).T
        # A value that never changes has no width; it is then always the middle.
        return (low + high) / 2, np.maximum((high - low) / 2, 1e-6)

    def encode(self, notes: Sequence[Note]) -> npt.NDArray[np.float32]:
        """Return the frames of a tune that begins at 0, float32 [T, 4]; what is out of range is brought to its end."""
        centre, half = self._centre_and_half
        rows = [
            (math.log1p(shift), math.log1p(note.duration), note.pitch, note.velocity)
            for note, shift in zip(notes, shifts_of(notes), strict=True)
        ]
        return np.clip((np.array(rows) - centre) / half, -1, 1).astype(np.float32)

    def decode(self, values: npt.NDArray[np.float32]) -> list[Note]:
        """Return the notes of frames [T, 4], times rounded to steps and pitches to semitones; one note a frame."""
        centre, half = self._centre_and_half
        raw = np.clip(values, -1, 1) * half + centre
        times = np.rint(np.expm1(raw[:, :2])).astype(np.int64)
        tones = np.rint(raw[:, 2:]).astype(np.int64)
        onsets, durations = times[:, 0].cumsum(), np.maximum(1, times[:, 1])
        rows = np.column_stack([onsets, tones[:, 0], durations, tones[:, 1]])
        return [Note(*row) for row in rows.tolist()]
