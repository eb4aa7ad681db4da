"""What a user may choose about tunes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class EventSpec:
    """How tunes become sequences.

    Attributes:
        representation: `tokens` or `frames`.
        steps_per_beat: steps of the grid in a beat.
        max_beats: longer notes and rests are shortened to so many beats.
        velocity_levels: into how many levels tokens sort velocities.
        window: notes of a sequence; None for whole tunes.
        stride: notes between the beginnings of two windows.
        max_notes: whole tunes are cut to so many notes.
        label: whether the labels that come with the tunes are kept.
    """

    representation: Literal["tokens", "frames"] = "tokens"
    steps_per_beat: int = 12
    max_beats: float = 8.0
    velocity_levels: int = 8
    window: int | None = None
    stride: int | None = None
    max_notes: int = 256
    label: Literal["folder", "none"] = "folder"

    @property
    def longest(self) -> int:
        """`max_beats` in steps."""
        return max(1, round(self.max_beats * self.steps_per_beat))
