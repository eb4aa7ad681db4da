"""What is wrong with a waveform whatever it says: silence, clipping, a single tone."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.domains.audio.reading import Waveform

SILENT_LEVEL = 1e-3
"""Root mean square below which a clip is silent: -60 dB of full scale."""
FULL_SCALE = 1 - 2**-14
FEWEST_CLIPPED = 3
"""Neighbouring samples at full scale that are no peak of a wave any more."""
TONE_HZ = 100.0
"""The width of what passes for one tone."""
LEAST_BANDS = 5
"""Bins of the spectrum of a very short clip that one tone spreads over."""
TONE_SHARE = 0.995
"""Of the energy: a plucked string's fundamental can hold 98 % of it."""


def level(waveform: Waveform) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.square(waveform, dtype=np.float64).mean()))


def is_silent(waveform: Waveform) -> bool:
    """Tell whether a clip has no sound to speak of."""
    return level(waveform) < SILENT_LEVEL


def is_clipped(waveform: Waveform) -> bool:
    """Tell whether a clip was cut off at full scale."""
    full = np.abs(waveform) >= FULL_SCALE
    return bool(np.convolve(full, np.ones(FEWEST_CLIPPED), "valid").max(initial=0) >= FEWEST_CLIPPED)


def is_single_tone(waveform: Waveform, sample_rate: int) -> bool:
    """Tell whether nearly all energy of a clip that is not silent lies in one narrow band, as of a whistle."""
    if is_silent(waveform):
        return False
    energy = np.square(np.abs(np.fft.rfft(waveform * np.hanning(len(waveform)))))
    width = max(LEAST_BANDS, round(TONE_HZ * len(waveform) / sample_rate))
    bands = np.convolve(energy, np.ones(min(width, len(energy))), "valid")
    return bool(bands.max() > TONE_SHARE * energy.sum())
