"""The metrics of any clips: what their spectra are like on the whole."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.frames.pooled import pooled
from seqgan_toolkit.metrics.kolmogorov_smirnov import length_ks
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch

VERSION = 1


class ClipPanel:
    """Metrics of clips beside real ones.

    - `pooled_mel_frechet`: the Fréchet distance to held-out clips of the mean and the deviation over time of each mel
      bin.
    - `sharpness_time`, `sharpness_frequency`: the mean difference of neighbouring frames, and of neighbouring mel bins,
      over that of training clips: below 1 is blurred, above 1 is grainy.
    - `length_ks`: the distance of their lengths to those of held-out clips.
    """

    def __init__(self, real: RealClips) -> None:
        self._real = real
        self._pooled = pooled(real.held_out)
        self._sharpness = {name: float(of(real.training).mean()) for name, of in SHARPNESS.items()}

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure analysed clips; the batch alone is read."""
        batch, real = sample.batch, self._real
        lengths = length_ks(batch.lengths.numpy(), real.held_out.lengths.numpy(), f"{real.split} clips")
        return {
            "pooled_mel_frechet": real.frechet(pooled(batch), self._pooled, VERSION),
            **{f"sharpness_{name}": self._sharp(name, batch) for name in SHARPNESS},
            "length_ks": lengths,
        }

    def _sharp(self, name: str, batch: SequenceBatch) -> Measurement:
        relative = SHARPNESS[name](batch) / self._sharpness[name]
        return mean_with_interval(relative, version=VERSION, higher_is_better=None, note="1 is as training clips")


def change_in_time(batch: SequenceBatch) -> torch.Tensor:
    """Return the mean absolute difference of neighbouring frames of each sequence, float [N]; 0 of a single frame."""
    change = (batch.values[:, 1:] - batch.values[:, :-1]).abs().mean(2)
    return (change * batch.mask[:, 1:]).sum(1) / (batch.lengths - 1).clamp(min=1)


def change_in_frequency(batch: SequenceBatch) -> torch.Tensor:
    """Return the mean absolute difference of neighbouring values of a frame of each sequence, float [N]."""
    change = (batch.values[..., 1:] - batch.values[..., :-1]).abs().mean(2)
    return (change * batch.mask).sum(1) / batch.lengths


SHARPNESS = {"time": change_in_time, "frequency": change_in_frequency}
