"""Shares of clips with a fault that any ear hears: silence, clipping, clicks at the ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from seqgan_toolkit.domains.audio.faults import is_clipped, is_silent, is_single_tone, level
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.clips.analysis import as_written
from seqgan_toolkit.metrics.sample import Sample

VERSION = 1
END_SECONDS = 1e-3
RARE = 0.99


class WaveformPanel:
    """Shares of clips with a fault, and how loud their ends are.

    - `silent_clips`: below -60 dB of full scale on the whole.
    - `clipped_clips`: three neighbouring samples at full scale.
    - `single_tone_clips`: nearly all energy within 100 Hz.
    - `clicked_clips`: the louder end, a millisecond, is louder for its clip than that of 99 % of the training clips,
      which have .01 then.
    - `end_level`: the median of that level, over that of training clips.

    Args:
        sample_rate: Hz.
        training: real clips.
    """

    def __init__(self, sample_rate: int, training: Sequence[Waveform]) -> None:
        self._sample_rate = sample_rate
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
            "single_tone_clips": _share(sample.artefacts, lambda one: is_single_tone(one, self._sample_rate), None),
            "clicked_clips": share(
                int((levels > self._rare).sum()), len(levels), version=VERSION, higher_is_better=False
            ),
            "end_level": Measurement(end, None, VERSION, None, "1 is as training clips"),
        }

    def _end_levels(self, waveforms: Sequence[Waveform]) -> np.ndarray:
        return np.array([end_level(waveform, self._end) for waveform in waveforms])


def end_level(waveform: Waveform, num_samples: int) -> float:
    """Return the level of the louder end of a clip, of so many samples, over that of the clip; 0 of a silent one."""
    whole = level(waveform)
    return max(level(waveform[:num_samples]), level(waveform[-num_samples:])) / whole if whole else 0.0


def _share(
    waveforms: Sequence[Waveform], wrong: Callable[[Waveform], bool], higher_is_better: bool | None = False
) -> Measurement:
    hits = sum(wrong(as_written(waveform)) for waveform in waveforms)
    return share(hits, len(waveforms), version=VERSION, higher_is_better=higher_is_better)
