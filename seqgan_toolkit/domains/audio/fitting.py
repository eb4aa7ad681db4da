"""Samples brought closer to the log-mel frames that they were made of, by gradient descent."""

from __future__ import annotations

import torch

from seqgan_toolkit.domains.audio.features import SMALLEST_MAGNITUDE, FeatureSpec
from seqgan_toolkit.domains.audio.overlap_add import inverse_stft, overlap_add, overlap_weight

FIRST_STEP, LAST_STEP = 0.5, 0.05
"""How far a coefficient of the spectrum may go, over the magnitude that it is to have; steps fall geometrically."""
MEMORY = 0.8
"""How much of the mean gradient, and of the mean square, a step keeps: a descent this short forgets fast."""
LOUDNESS_POWER = 0.3
"""A value counts by this power of its magnitude. With 0 the many quiet ones take loud ones down, whose windows they lie
in, for dozens of steps; with .5 what is quiet is filled more."""
LEAST_SIZE = 1e-4
"""The smallest magnitude that a step is measured by, over the clip's largest: what is to be silent must move too."""


class FrameFit:
    """Changes a signal so that the squared differences of its log-mel frames from given ones become small.

    Frames of a generator are no one signal's: Griffin-Lim, which looks for the nearest one in linear magnitudes, fills
    the quiet places between harmonics and at the lowest frequencies, where hardly any magnitude is a large difference
    in a logarithm. Adam's steps (Kingma and Ba 2015) are taken in the spectrum, in proportion to the magnitude that
    each of its coefficients is to have: steps of one size for all samples would drown what is quiet. The gradient is
    written out, and each clip is fitted by itself.

    Args:
        spec: what the frames are made of.
        floor: the log-mel value that stands for all that is quieter.
        filter_bank: float [n_fft // 2 + 1, F].
        steps: how many are taken.
        device: where it is computed.
    """

    def __init__(
        self,
        spec: FeatureSpec,
        floor: float,
        filter_bank: torch.Tensor,
        *,
        steps: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self.spec, self.floor, self.steps = spec, floor, steps
        self._filters = filter_bank.to(device)
        self._window = torch.hann_window(spec.n_fft, device=device)

    def __call__(
        self, signal: torch.Tensor, log_mel: torch.Tensor, magnitudes: torch.Tensor, mask: torch.Tensor, settled: int
    ) -> torch.Tensor:
        """Return a signal that is closer to its frames.

        Args:
            signal: float32 [B, samples], with the margins of its first and last frame.
            log_mel: float32 [B, T, F], the frames it is to have.
            magnitudes: float32 [B, T, n_fft // 2 + 1], about what its spectrum is to have.
            mask: bool [B, T], true on frames that are not padding.
            settled: samples at the beginning that stay as they are.
        """
        weight = overlap_weight(self._window, mask, self.spec.hop)
        importance = (LOUDNESS_POWER * (log_mel - log_mel.amax((1, 2), keepdim=True))).exp_() * mask[..., None]
        sizes = (magnitudes + LEAST_SIZE * magnitudes.amax((1, 2), keepdim=True))[..., None]
        gradient_mean = sizes.new_zeros(*magnitudes.shape, 2)
        square_mean = torch.zeros_like(magnitudes)
        for step in range(self.steps):
            # What a signal gains by a change of each coefficient of the spectrum that it is rebuilt from.
            by_sample = self.gradient(signal, log_mel, importance).div_(weight)
            by_sample[:, :settled] = 0
            windows = by_sample.unfold(1, self.spec.n_fft, self.spec.hop)
            gradient = torch.view_as_real(torch.fft.rfft(windows * self._window))
            gradient_mean.lerp_(gradient, 1 - MEMORY)
            square_mean.lerp_(gradient.square().sum(-1), 1 - MEMORY)
            # Both means start at zero and are biased alike.
            unbiased = (1 - MEMORY ** (step + 1)) ** 0.5
            change = (gradient_mean * sizes).div_(square_mean.sqrt().add_(1e-12)[..., None])
            moved = inverse_stft(torch.view_as_complex(change), self._window, weight, mask, self.spec.hop)
            moved[:, :settled] = 0
            size = FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / self.steps)
            signal = signal - moved * (size / unbiased)
        return signal

    def gradient(self, signal: torch.Tensor, log_mel: torch.Tensor, importance: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the sum of squared differences by `signal`, [B, samples]; see `__call__`.

        Each counts by its `importance` [B, T, F]. Of a value below the floor the difference is the floor's, and its
        gradient still says how to rise.
        """
        spectrum = torch.fft.rfft(signal.unfold(1, self.spec.n_fft, self.spec.hop) * self._window)
        magnitudes = spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag).add_(1e-20).sqrt_()
        mel = (magnitudes @ self._filters).add_(SMALLEST_MAGNITUDE)
        excess = mel.log().clamp_(min=self.floor).sub_(log_mel).mul_(importance)
        by_magnitude = excess.mul_(2).div_(mel) @ self._filters.T
        torch.view_as_real(spectrum).mul_(by_magnitude.div_(magnitudes)[..., None])
        # Of the two bins that mirror each other the inverse transform is given one; the ends mirror themselves.
        spectrum[..., 1 : (self.spec.n_fft + 1) // 2] /= 2
        windows = torch.fft.irfft(spectrum, n=self.spec.n_fft, norm="forward") * self._window
        return overlap_add(windows, self.spec.hop)
