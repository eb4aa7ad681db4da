"""The choices that a tune of the built-in kind was made with, read off its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqgan_toolkit.domains.events.melody_rules import BAR, BARS_PER_PAIR, BASS_OCTAVES, SCALES
from seqgan_toolkit.domains.events.notes import Note


@dataclass(frozen=True)
class Bar:
    """A bar that keeps the metre.

    Attributes:
        bass: the note that lasts it.
        melody: the notes that fill it, one after the other.
    """

    bass: Note
    melody: tuple[Note, ...]


def bars_of(notes: Sequence[Note]) -> list[Bar] | None:
    """Return the bars of a tune in half beats, or None where it is not one or two pairs of phrases of whole bars."""
    num_bars, rest = divmod(max((note.end for note in notes), default=0), BAR)
    if rest or num_bars not in (BARS_PER_PAIR, 2 * BARS_PER_PAIR):
        return None
    inside: list[list[Note]] = [[] for _ in range(num_bars)]
    for note in sorted(notes):
        inside[note.onset // BAR].append(note)
    bars = [_bar(found, index * BAR) for index, found in enumerate(inside)]
    return None if None in bars else [bar for bar in bars if bar is not None]


def _bar(notes: list[Note], onset: int) -> Bar | None:
    if not notes or (notes[0].onset, notes[0].duration) != (onset, BAR):
        return None
    bass, *melody = notes
    filled = onset
    for note in melody:
        if note.onset != filled:
            return None
        filled = note.end
    return Bar(bass, tuple(melody)) if filled == onset + BAR else None


def choices_of(notes: Sequence[Note], mode: str) -> list[int | tuple[int, ...]] | None:
    """Return the choices of `melody_rules.walk` in their order, or None where a note has no place in the scale."""
    bars = bars_of(notes)
    if bars is None:
        return None
    tonic = bars[0].bass.pitch + BASS_OCTAVES
    choices: list[int | tuple[int, ...]] = [tonic, len(bars) // BARS_PER_PAIR]
    for bar in bars:
        degrees = [degree_of(note.pitch, tonic, mode) for note in bar.melody]
        root = degree_of(bar.bass.pitch + BASS_OCTAVES, tonic, mode)
        known = [degree for degree in (root, *degrees) if degree is not None]
        if len(known) <= len(degrees):
            return None
        choices += [known[0], tuple(note.duration for note in bar.melody), *known[1:]]
    return choices


def degree_of(pitch: int, tonic: int, mode: str) -> int | None:
    """Return the degree of a pitch, 0 for the tonic itself, or None where the scale does not have it."""
    octave, semitones = divmod(pitch - tonic, 12)
    scale = SCALES[mode]
    return 7 * octave + scale.index(semitones) if semitones in scale else None
