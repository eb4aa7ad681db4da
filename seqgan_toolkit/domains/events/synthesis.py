"""Tunes to sound: additive synthesis of struck strings, for listening and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.events.notes import LOUDEST, Note, Tune
from seqgan_toolkit.files import atomic_path

SAMPLE_RATE = 16_000
NUM_PARTIALS = 8
ROLL_OFF = 1.4
"""Partial n is weaker by n to this power."""
DECAY = 1.8
"""Nepers a second by which the first partial fades; partial n fades n to the power of a half times as fast."""
ATTACK, RELEASE = 0.004, 0.08
"""Seconds in which a note rises, and in which it fades once its key is let go."""
VOICE, PEAK = 0.25, 0.9
"""Level of the loudest note, and the largest absolute sample of a tune."""

Waveform = npt.NDArray[np.float32]


def render(tune: Tune) -> Waveform:
    """Return the sound of a tune, float32 [samples] at 16 kHz in [-1, 1]; the same tune gives the same samples."""
    sound = np.zeros(int((tune.seconds(tune.end) + RELEASE) * SAMPLE_RATE) + 1)
    for note in tune.notes:
        first = int(tune.seconds(note.onset) * SAMPLE_RATE)
        voice = _voice(note, tune.seconds(note.duration))[: len(sound) - first]
        sound[first : first + len(voice)] += voice
    waveform: Waveform = (sound * (PEAK / max(PEAK, float(np.abs(sound).max())))).astype(np.float32)
    return waveform


def _voice(note: Note, held: float) -> npt.NDArray[np.float64]:
    """Return the sound of one note, float64 [samples]; its key is held for `held` seconds."""
    time = np.arange(int((held + RELEASE) * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
    number = np.arange(1, NUM_PARTIALS + 1)
    number = number[number * hertz < 0.45 * SAMPLE_RATE, None]
    fading = np.exp(-DECAY * np.sqrt(number) * time)
    sound: npt.NDArray[np.float64] = (fading * np.sin(2 * np.pi * hertz * number * time) / number**ROLL_OFF).sum(axis=0)
    envelope = np.minimum(1.0, time / ATTACK) * np.clip((held + RELEASE - time) / RELEASE, 0.0, 1.0)
    return VOICE * note.velocity / LOUDEST * envelope * sound


def write_wav(tune: Tune, path: Path) -> None:
    """Write the sound of a tune, 16-bit PCM."""
    import soundfile

    with atomic_path(path) as temporary:
        soundfile.write(temporary, render(tune), SAMPLE_RATE, subtype="PCM_16", format="WAV")
