"""Notes and tunes: what is between a MIDI file and a sequence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

PITCHES = range(128)
"""MIDI note numbers; 60 is middle C, 69 is A4 (440 Hz)."""
LOUDEST = 127


class Note(NamedTuple):
    """One note; notes are ordered by onset, then by pitch.

    Attributes:
        onset: ticks from the beginning of the tune.
        pitch: MIDI note number, 0 to 127.
        duration: ticks, at least 1.
        velocity: how hard the key is struck, 1 to 127.
    """

    onset: int
    pitch: int
    duration: int
    velocity: int

    @property
    def end(self) -> int:
        """The tick at which it ends."""
        return self.onset + self.duration


@dataclass(frozen=True)
class Tune:
    """Notes in the order of their onsets.

    Attributes:
        notes: no two of one pitch overlap.
        ticks_per_beat: ticks in a quarter note.
        beats_per_minute: the tempo, the mean where it changes.
    """

    notes: tuple[Note, ...]
    ticks_per_beat: int
    beats_per_minute: float = 120.0

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return max((note.end for note in self.notes), default=0)

    def seconds(self, ticks: float) -> float:
        """Return how long so many ticks are."""
        return ticks / self.ticks_per_beat * 60 / self.beats_per_minute


def playable(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Order notes, and let a note end where the next one of its pitch begins, as on the keys of a piano.

    Of notes of one pitch that begin together the last one is kept.
    """
    kept: dict[tuple[int, int], Note] = {(note.onset, note.pitch): note for note in notes}
    following: dict[int, int] = {}
    found = []
    for note in sorted(kept.values(), reverse=True):
        free = following.get(note.pitch, note.end) - note.onset
        found.append(note._replace(duration=min(note.duration, free)))
        following[note.pitch] = note.onset
    return tuple(reversed(found))


def on_grid(tune: Tune, steps_per_beat: int) -> Tune:
    """Move onsets and ends to the nearest of `steps_per_beat` steps in a beat; a note lasts a step at least."""
    ticks = tune.ticks_per_beat

    def step(tick: int) -> int:
        return (2 * tick * steps_per_beat + ticks) // (2 * ticks)

    moved = (
        note._replace(onset=step(note.onset), duration=max(1, step(note.end) - step(note.onset))) for note in tune.notes
    )
    return Tune(playable(moved), steps_per_beat, tune.beats_per_minute)
