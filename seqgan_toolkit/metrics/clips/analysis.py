"""Waveforms as log-mel frames of one fixed kind, whatever a model is trained on: what its clips are judged by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from seqgan_toolkit.domains.audio.clips import FULL_SCALE
from seqgan_toolkit.domains.audio.features import FeatureSpec, FrameScale, LogMel
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

VERSION = 1
WINDOW_SECONDS = 0.032
FEWEST_SAMPLES = 256
"""Of a window, which at low rates is longer than that: shorter ones leave mel filters empty."""
NUM_MELS = 48
CHUNK = 256
"""Clips that are analysed at once."""


def analysis_spec(sample_rate: int) -> FeatureSpec:
    """Return what clips of a sample rate, in Hz, are analysed by: 48 mels, windows of 32 ms, hops of a quarter."""
    n_fft = max(FEWEST_SAMPLES, 2 ** round(math.log2(WINDOW_SECONDS * sample_rate)))
    return FeatureSpec(sample_rate=sample_rate, n_fft=n_fft, hop=n_fft // 4, num_mels=NUM_MELS)


class ClipAnalysis:
    """Turns waveforms, as a 16-bit file keeps them, into frames in [-1, 1] on the scale of the training clips.

    Args:
        sample_rate: Hz.
        training: the training clips, whose loudest values fit the scale.
    """

    def __init__(self, sample_rate: int, training: Sequence[Waveform]) -> None:
        self.spec = analysis_spec(sample_rate)
        self._log_mel = LogMel(self.spec)
        loudest = [frames.amax(dim=(0, 1)) for frames, _ in self._chunks(training)]
        self._scale = FrameScale.fit(torch.stack(loudest).amax(0), self.spec.range_db)

    @property
    def space(self) -> FrameSpace:
        """The space of the frames."""
        return self._scale.space

    def __call__(self, waveforms: Sequence[Waveform], labels: torch.Tensor | None) -> SequenceBatch:
        """Return the frames of waveforms, float32 [samples] each, with their labels [N]."""
        chunks = list(self._chunks(waveforms))
        lengths = torch.cat([lengths for _, lengths in chunks])
        values = torch.full((len(lengths), int(lengths.max()), NUM_MELS), self.space.low)
        batch = SequenceBatch(values, lengths, labels)
        mask, first = batch.mask[..., None], 0
        for frames, _ in chunks:
            rows, steps = slice(first, first + len(frames)), frames.shape[1]
            values[rows, :steps] = torch.where(mask[rows, :steps], self._scale.scale(frames), self.space.low)
            first += len(frames)
        return batch

    def _chunks(self, waveforms: Sequence[Waveform]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield log-mel frames [B, T, F], unscaled, and how many of each clip are its own [B]."""
        for first in range(0, len(waveforms), CHUNK):
            yield self._log_mel.many([as_written(waveform) for waveform in waveforms[first : first + CHUNK]])


def as_written(waveform: Waveform) -> Waveform:
    """Return a waveform as it is read back from a 16-bit file: libsndfile rounds down."""
    whole = np.floor(waveform * np.float32(FULL_SCALE)).clip(-FULL_SCALE, FULL_SCALE - 1)
    return np.asarray(whole / np.float32(FULL_SCALE), dtype=np.float32)
