"""What C-RNN-GAN (Mogren 2016) counts in a tune; every figure is of one tune."""

from __future__ import annotations

from collections import Counter

from seqgan_toolkit.domains.events.melody_rules import SCALES
from seqgan_toolkit.domains.events.notes import Tune

OCTAVE = 12
STANDARD_SCALES = [{(key + step) % OCTAVE for step in SCALES["major"]} for key in range(OCTAVE)]
"""The pitch classes of the major scales, which are those of the natural minor ones too."""


def statistics_of(tune: Tune) -> dict[str, float]:
    """Return the statistics of a tune that has notes.

    - `scale_consistency`: the share of its notes in the standard scale that fits it best.
    - `polyphony`: the share of its onsets at which two notes or more begin.
    - `repetitions`: of the runs of three tones in their order, the share that were there before.
    - `tone_span`: semitones from the lowest note to the highest.
    - `unique_tones`: how many different pitches there are.
    - `intensity_span`: from the softest velocity to the loudest.
    """
    pitches = [note.pitch for note in tune.notes]
    velocities = [note.velocity for note in tune.notes]
    together = Counter(note.onset for note in tune.notes)
    threes = list(zip(pitches, pitches[1:], pitches[2:], strict=False))
    return {
        "scale_consistency": max(_share_in(pitches, scale) for scale in STANDARD_SCALES),
        "polyphony": sum(count > 1 for count in together.values()) / len(together),
        "repetitions": 1 - len(set(threes)) / len(threes) if threes else 0.0,
        "tone_span": max(pitches) - min(pitches),
        "unique_tones": len(set(pitches)),
        "intensity_span": max(velocities) - min(velocities),
    }


def _share_in(pitches: list[int], scale: set[int]) -> float:
    return sum(pitch % OCTAVE in scale for pitch in pitches) / len(pitches)
