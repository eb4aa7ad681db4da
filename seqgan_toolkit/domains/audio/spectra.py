"""Distances between the spectra of waveforms: what a decoder is trained for, and what it is measured by."""

from __future__ import annotations

import torch

from seqgan_toolkit.domains.audio.features import LogMel

SMALLEST_POWER = 1e-10
WINDOWS = 4
"""Windows that cover a sample."""


def magnitudes(waveforms: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
    """Return float [B, windows, n_fft // 2 + 1] of waveforms [B, samples], for a window [n_fft]."""
    n_fft = len(window)
    spectrum = torch.fft.rfft(waveforms.unfold(1, n_fft, n_fft // WINDOWS) * window)
    power: torch.Tensor = spectrum.real.square() + spectrum.imag.square()
    return (power + SMALLEST_POWER).sqrt()


class SpectralDistance:
    """How far copies are from real waveforms, whatever their phases.

    Args:
        log_mel: makes frames.
        floor: natural log of a magnitude: it is added to all, so that what lies far below it does not count.
        resolutions: samples in the windows of the multi-resolution distance.
        device: where the waveforms are.
    """

    def __init__(
        self, log_mel: LogMel, floor: float, resolutions: tuple[int, ...], device: torch.device | str = "cpu"
    ) -> None:
        self._log_mel = log_mel
        self._floor = torch.tensor(floor, device=device)
        self._windows = [torch.hann_window(n_fft, device=device) for n_fft in resolutions]

    def mel(self, real: torch.Tensor, copy: torch.Tensor) -> torch.Tensor:
        """Return the mean absolute difference of log-mel values, in natural logarithms.

        Args:
            real: float [B, samples].
            copy: float [B, samples].
        """
        wanted, found = (torch.logaddexp(self._log_mel(waveforms), self._floor) for waveforms in (real, copy))
        return (found - wanted).abs().mean()

    def stft(self, real: torch.Tensor, copy: torch.Tensor) -> torch.Tensor:
        """Return spectral convergence plus the mean absolute difference of log-magnitudes, mean over resolutions.

        Yamamoto, Song & Kim 2020 (Parallel WaveGAN), equations 4 to 6.

        Args:
            real: float [B, samples], at least as long as the longest window.
            copy: float [B, samples].
        """
        return torch.stack([self._one_stft(real, copy, window) for window in self._windows]).mean()

    def _one_stft(self, real: torch.Tensor, copy: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
        wanted, found = magnitudes(real, window), magnitudes(copy, window)
        convergence: torch.Tensor = torch.linalg.vector_norm(found - wanted) / torch.linalg.vector_norm(wanted)
        floor = self._floor.exp()
        logs: torch.Tensor = ((found + floor).log() - (wanted + floor).log()).abs().mean()
        return convergence + logs
