"""What judges waveforms: several small networks, each with its own view of the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from seqgan_toolkit.domains.audio.spectra import magnitudes
from seqgan_toolkit.models.discriminator import Verdict

LEAK = 0.1


@dataclass(frozen=True)
class WaveformVerdict:
    """What one view says of waveforms.

    Attributes:
        verdict: its scores, many for each waveform, which all count.
        features: what its layers found, each [B, C, ...].
    """

    verdict: Verdict
    features: tuple[torch.Tensor, ...]


class View(nn.Module):
    """Two-dimensional convolutions over one arrangement of the samples, and a score at every place that is left.

    Args:
        channels: of every layer.
        kernel: of every layer but the last.
        strides: of every layer but the last.
    """

    def __init__(self, channels: int, kernel: tuple[int, int], strides: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2)
        inside = [1] + [channels] * (len(strides) - 1)
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(size, channels, kernel, stride, padding))
            for size, stride in zip(inside, strides, strict=True)
        )
        self.score = weight_norm(nn.Conv2d(channels, 1, (3, 1), padding=(1, 0)))

    def forward(self, waveforms: torch.Tensor) -> WaveformVerdict:
        """Judge waveforms [B, samples]."""
        hidden = self.arrange(waveforms)[:, None]
        features = []
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), LEAK)
            features.append(hidden)
        scores = self.score(hidden).flatten(1)
        verdict = Verdict(scores, torch.ones_like(scores, dtype=torch.bool), hidden.flatten(1))
        return WaveformVerdict(verdict, tuple(features))

    def arrange(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return a picture [B, height, width] of waveforms [B, samples]."""
        raise NotImplementedError


class SpectrogramView(View):
    """Log-magnitudes at one resolution (UnivNet, Jang et al. 2021, section 2.2).

    Args:
        n_fft: samples in a window; there are four windows to a sample.
        channels: of every layer.
    """

    window: torch.Tensor

    def __init__(self, n_fft: int, channels: int) -> None:
        super().__init__(channels, (3, 5), [(1, 2), (2, 2), (1, 2)])
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def arrange(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return log-magnitudes [B, windows, n_fft // 2 + 1]."""
        return magnitudes(waveforms, self.window).log()


class PeriodView(View):
    """Every p-th sample below each other (HiFi-GAN, Kong et al. 2020, section 2.3).

    Args:
        period: p.
        channels: of every layer.
    """

    def __init__(self, period: int, channels: int) -> None:
        super().__init__(channels, (5, 1), [(3, 1)] * 4)
        self.period = period

    def arrange(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return samples [B, samples / p, p], the last ones without a full row left out."""
        rows = waveforms.shape[1] // self.period
        return waveforms[:, : rows * self.period].view(len(waveforms), rows, self.period)


class WaveformDiscriminator(nn.Module):
    """A list of views of a waveform.

    Args:
        resolutions: samples in the windows of a spectrogram, one view for each.
        periods: one view for each.
        channels: of every layer of every view.
    """

    def __init__(self, *, resolutions: Sequence[int], periods: Sequence[int], channels: int) -> None:
        super().__init__()
        spectrograms = [SpectrogramView(n_fft, channels) for n_fft in resolutions]
        self.views = nn.ModuleList([*spectrograms, *(PeriodView(period, channels) for period in periods)])

    def forward(self, waveforms: torch.Tensor) -> list[WaveformVerdict]:
        """Judge waveforms [B, samples], long enough for a window of every resolution."""
        return [view(waveforms) for view in self.views]
