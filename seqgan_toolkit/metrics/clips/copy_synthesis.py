"""What a decoder is worth: how near its copies of held-out clips are to the clips."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from seqgan_toolkit.domains.audio.features import FeatureSpec, LogMel
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.domains.audio.spectra import SpectralDistance
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval

WINDOW_SECONDS = (0.008, 0.016, 0.032, 0.064)
"""The windows of the multi-resolution distance: the attack of a consonant to the harmonics of a low voice."""
DECIBELS = 20 / math.log(10)


class CopyPanel:
    """`copy_mel_distance` and `copy_stft_distance`; see docs/metrics.md.

    Args:
        clips: the real waveforms.
        spec: of their frames.
        floor: natural log of the magnitude below which nothing counts.
    """

    def __init__(self, clips: Sequence[Waveform], spec: FeatureSpec, floor: float) -> None:
        self._clips = clips
        windows = tuple(4 * round(seconds * spec.sample_rate / 4) for seconds in WINDOW_SECONDS)
        self._longest = max(windows)
        self._distance = SpectralDistance(LogMel(spec), floor, windows)

    def measure(self, copies: Sequence[Waveform]) -> dict[str, Measurement]:
        """Measure copies of the clips, in their order; what a copy has behind a clip's end is left out."""
        pairs = [self._pair(*pair) for pair in zip(self._clips, copies, strict=True)]
        mel = torch.stack([self._distance.mel(*pair) for pair in pairs]) * DECIBELS
        stft = torch.stack([self._distance.stft(*pair) for pair in pairs])
        return {
            "copy_mel_distance": mean_with_interval(mel, version=1, higher_is_better=False),
            "copy_stft_distance": mean_with_interval(stft, version=1, higher_is_better=False),
        }

    def _pair(self, clip: Waveform, copy: Waveform) -> tuple[torch.Tensor, torch.Tensor]:
        """Return both [1, samples], with the silence that a clip shorter than a window lacks."""
        missing = max(0, self._longest - len(clip))
        samples = (torch.from_numpy(clip), torch.from_numpy(copy[: len(clip)]))
        real, copied = (torch.nn.functional.pad(one, (0, missing))[None] for one in samples)
        return real, copied
