"""What goes wrong in a waveform whatever it says: silence, clipping, clicks at its ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.clip_analysis import as_written
from seqgan_toolkit.metrics.sample import Sample

VERSION = 1
SILENT_LEVEL = 1e-3
"""Root mean square below which a clip is silent: -60 dB of full scale."""
FULL_SCALE = 1 - 2**-14
FEWEST_CLIPPED = 3
"""Neighbouring samples at full scale that are no peak of a wave any more."""
END_SECONDS = 1e-3
RARE = 0.99


class WaveformPanel:
    """Shares of clips with a fault, and how loud their ends are.

    - `silent_clips`: below -60 dB of full scale on the whole.
    - `clipped_clips`: three neighbouring samples at full scale.
    - `clicked_clips`: the louder end, a millisecond, is louder for its clip than that of 99 % of the training clips,
      which have .01 then.
    - `end_level`: the median of that level, over that of training clips.

    Args:
        sample_rate: Hz.
        training: real clips.
    """

    def __init__(self, sample_rate: int, training: Sequence[Waveform]) -> None:
        self._end = max(1, round(END_SECONDS * sample_rate))
        levels = self._end_levels(training)
        self._usual, self._rare = float(np.median(levels)), float(np.quantile(levels, RARE))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure waveforms, float32 [samples] each; the batch is not read."""
        levels = self._end_levels(sample.artefacts)
        end = float(np.median(levels)) / self._usual if self._usual else None
        return {
            "silent_clips": _share(sample.artefacts, is_silent),
            "clipped_clips": _share(sample.artefacts, is_clipped),
            "clicked_clips": share(
                int((levels > self._rare).sum()), len(levels), version=VERSION, higher_is_better=False
            ),
            "end_level": Measurement(end, None, VERSION, None, "1 is as training clips"),
        }

    def _end_levels(self, waveforms: Sequence[Waveform]) -> np.ndarray:
        return np.array([end_level(waveform, self._end) for waveform in waveforms])


def is_silent(waveform: Waveform) -> bool:
    """Tell whether a clip has no sound to speak of."""
    return level(as_written(waveform)) < SILENT_LEVEL


def is_clipped(waveform: Waveform) -> bool:
    """Tell whether a clip was cut off at full scale."""
    full = np.abs(as_written(waveform)) >= FULL_SCALE
    return bool(np.convolve(full, np.ones(FEWEST_CLIPPED), "valid").max(initial=0) >= FEWEST_CLIPPED)


def end_level(waveform: Waveform, num_samples: int) -> float:
    """Return the level of the louder end of a clip, of so many samples, over that of the clip; 0 of a silent one."""
    whole = level(waveform)
    return max(level(waveform[:num_samples]), level(waveform[-num_samples:])) / whole if whole else 0.0


def level(waveform: Waveform) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.square(waveform, dtype=np.float64).mean()))


def _share(waveforms: Sequence[Waveform], wrong: Callable[[Waveform], bool]) -> Measurement:
    return share(sum(map(wrong, waveforms)), len(waveforms), version=VERSION, higher_is_better=False)
