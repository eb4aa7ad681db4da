"""The laws of the built-in tunes, as one walk through all choices: it composes tunes and it reads them.

A tune is one or two pairs of phrases, and a phrase is two bars of four beats. Every bar has a bass note that lasts it,
the root of I, IV or V, and a melody that fills it without rests. The first chord is I. The first note of a bar belongs
to its chord and is loud, as the bass is; other notes are soft. The first phrase of a pair ends on the fifth over V, the
second one on the tonic over I. Leaps are of at most four degrees of the scale, but for those to the end of a phrase.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from seqgan_toolkit.domains.events.notes import Note

Choice = TypeVar("Choice")


class Choose(Protocol):
    """Picks one of the options it is given with their weights."""

    def __call__(self, options: Mapping[Choice, float], /) -> Choice:
        """Return the option."""
        ...


TICKS_PER_BEAT = 2
BAR = 4 * TICKS_PER_BEAT
BARS_PER_PAIR = 4
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
"""Semitones above the tonic; the minor scale is the natural one."""
TONICS = range(55, 67)
"""The melody's degree 0: G3 to F#4, every key once."""
BASS_OCTAVES = 24
"""Semitones from the melody's tonic down to that of the bass."""
DEGREES = range(-2, 10)
"""Of the melody, counted from its tonic."""
PAIRS = {1: 1.0, 2: 1.0}
"""How many pairs of phrases a tune has."""
FIFTH, FOURTH, TONIC = 4, 3, 0
CHORDS = {TONIC: 2.0, FOURTH: 1.0, FIFTH: 1.0}
"""Degrees of the roots, with their weights in bars where the chord is free."""
LEAPS = {0: 1.0, 1: 4.0, 2: 2.0, 3: 1.0, 4: 1.0}
"""The weight of a leap of so many degrees, up or down."""
RHYTHMS = {
    (2, 2, 2, 2): 3.0,
    (4, 2, 2): 2.0,
    (2, 2, 4): 2.0,
    (4, 4): 1.0,
    (3, 1, 2, 2): 2.0,
    (2, 1, 1, 2, 2): 2.0,
    (2, 1, 1, 4): 1.0,
}
"""Durations of a bar's notes, in half beats."""
LAST_RHYTHMS = {(2, 2, 4): 2.0, (4, 4): 1.0, (3, 1, 4): 1.0, (8,): 1.0}
"""Those of the last bar of a phrase, which rests on a long note."""
LOUD, SOFT = 104, 72


def walk(mode: str, choose: Choose) -> list[Note]:
    """Make every choice of a tune, and return its notes in half beats.

    Args:
        mode: `major` or `minor`.
        choose: draws, or reads a tune that is there: the key, the number of pairs, then for each bar its chord, its
            rhythm, and the degree of each note.
    """
    return _Walk(mode, choose).tune()


class _Walk:
    def __init__(self, mode: str, choose: Choose) -> None:
        self._scale, self._choose = SCALES[mode], choose
        self._notes: list[Note] = []
        self._degree = FIFTH

    def tune(self) -> list[Note]:
        self._tonic = self._choose(dict.fromkeys(TONICS, 1.0))
        num_bars = BARS_PER_PAIR * self._choose(PAIRS)
        for bar in range(num_bars):
            self._bar(bar)
        return self._notes

    def _bar(self, bar: int) -> None:
        last = bar % 2 == 1
        ending = (FIFTH if bar % BARS_PER_PAIR == 1 else TONIC) if last else None
        fixed = TONIC if bar == 0 else ending
        root = self._choose(CHORDS if fixed is None else {fixed: 1.0})
        rhythm = self._choose(LAST_RHYTHMS if last else RHYTHMS)
        onset = bar * BAR
        self._notes.append(Note(onset, self._pitch(root) - BASS_OCTAVES, BAR, LOUD))
        for index, duration in enumerate(rhythm):
            if ending is not None and index == len(rhythm) - 1:
                options = self._resting(ending)
            else:
                options = self._near(root if index == 0 else None)
            self._degree = self._choose(options)
            self._notes.append(Note(onset, self._pitch(self._degree), duration, LOUD if index == 0 else SOFT))
            onset += duration

    def _near(self, root: int | None) -> dict[int, float]:
        """Return the degrees that can follow, in the chord on `root` where there is one."""
        triad = None if root is None else {(root + third) % 7 for third in (0, 2, 4)}
        return {
            degree: LEAPS[abs(degree - self._degree)]
            for degree in DEGREES
            if abs(degree - self._degree) in LEAPS and (triad is None or degree % 7 in triad)
        }

    def _resting(self, ending: int) -> dict[int, float]:
        return {degree: 1 / (1 + abs(degree - self._degree)) ** 2 for degree in DEGREES if degree % 7 == ending}

    def _pitch(self, degree: int) -> int:
        return self._tonic + 12 * (degree // 7) + self._scale[degree % 7]
