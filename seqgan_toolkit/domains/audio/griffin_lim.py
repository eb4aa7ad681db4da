"""Frames back to waveforms without training: pseudo-inverse of the filter bank, fast Griffin-Lim, and a descent."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch

from seqgan_toolkit.domains.audio.decoder import piece_bounds
from seqgan_toolkit.domains.audio.features import FeatureSpec, FrameScale
from seqgan_toolkit.domains.audio.fitting import FrameFit
from seqgan_toolkit.domains.audio.overlap_add import inverse_stft, overlap_weight
from seqgan_toolkit.sequences import length_mask

MOMENTUM = 0.99
ITERATIONS = 60
SMALLEST_SINGULAR_VALUE = 1e-2
"""Relative to the largest: narrow low filters that share one bin would otherwise multiply errors a hundredfold."""
FIT_STEPS = 50
"""In a trial twice as many brought the Fréchet distance of generated clips from 2.36 to 2.33; none had 3.91."""
AROUND = 2
"""Windows, end to end, that a piece is estimated with on either side: those before it are settled already."""


class GriffinLim:
    """Turns log-mel frames into waveforms; each clip comes out the same whatever it is batched with.

    Fast Griffin-Lim (Perraudin, Balazs and Sondergaard 2013, "A fast Griffin-Lim algorithm", algorithm 2) finds phases.
    A descent then brings the samples closer to the frames themselves (`FrameFit`).

    Args:
        spec: what the frames were made of.
        scale: the scale that they are on.
        filter_bank: float [n_fft // 2 + 1, F].
        seed: of the phases to begin with.
        fit_steps: steps of the descent; 0 for Griffin-Lim alone.
        device: where it is computed.
    """

    name = "griffin_lim"

    def __init__(
        self,
        spec: FeatureSpec,
        scale: FrameScale,
        filter_bank: torch.Tensor,
        *,
        seed: int = 0,
        fit_steps: int = FIT_STEPS,
        device: torch.device | str = "cpu",
    ) -> None:
        self.spec, self.scale, self.device = spec, scale, torch.device(device)
        self._inverse = torch.linalg.pinv(filter_bank, rtol=SMALLEST_SINGULAR_VALUE).to(device)
        self._window = torch.hann_window(spec.n_fft, device=device)
        self._fit = FrameFit(spec, scale.floor, filter_bank, steps=fit_steps, device=device)
        self._seed = seed

    def whole(self, frames: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Decode frames float32 [B, T, F] of lengths [B] to float32 [B, T * hop]; see `Decoder`."""
        return self._decode(frames, lengths, settled=None)

    def pieces(self, frames: torch.Tensor) -> Iterator[torch.Tensor]:
        """Decode one clip [T, F] of any length piece by piece.

        Each piece is estimated with the last samples of the one before held fast, so that its phases go on from theirs.
        They are as good as those of the whole at once, and not the same.
        """
        hop, around = self.spec.hop, AROUND * math.ceil(self.spec.n_fft / self.spec.hop)
        settled = None
        for first, end in piece_bounds(len(frames)):
            before = min(around, first)
            part = frames[first - before : end + around]
            samples = self._decode(part[None], torch.tensor([len(part)], device=frames.device), settled)[0]
            last = (before + end - first) * hop
            yield samples[before * hop : last]
            settled = samples[last - around * hop - self.spec.margins[0] : last]

    def _decode(self, frames: torch.Tensor, lengths: torch.Tensor, settled: torch.Tensor | None) -> torch.Tensor:
        mask = length_mask(lengths, frames.shape[1])
        log_mel = self.scale.unscale(frames)
        magnitudes = (log_mel.exp() @ self._inverse).clamp(min=0) * mask[..., None]
        signal = self._estimate_phases(magnitudes, mask, settled)
        signal = self._fit(signal, log_mel, magnitudes, mask, 0 if settled is None else len(settled))
        left = self.spec.margins[0]
        return signal[:, left : left + mask.shape[1] * self.spec.hop]

    def _estimate_phases(
        self, magnitudes: torch.Tensor, mask: torch.Tensor, settled: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the signal [B, samples] whose spectrum comes closest to `magnitudes` [B, T, bins].

        Where it begins with `settled` samples, these stay as they are.
        """
        weight = overlap_weight(self._window, mask, self.spec.hop)
        spectrum = magnitudes * self._first_phases(magnitudes.shape[1], magnitudes.shape[2])
        previous = torch.zeros_like(spectrum)
        for _ in range(ITERATIONS):
            rebuilt = self._analyse(self._synthesise(spectrum, weight, mask, settled))
            # As pairs of real numbers, for which PyTorch is ten times as fast.
            torch.view_as_real(previous).lerp_(torch.view_as_real(rebuilt), 1 + MOMENTUM)
            spectrum, previous = _with_magnitudes(previous, magnitudes), rebuilt
        return self._synthesise(spectrum, weight, mask, settled)

    def _first_phases(self, num_frames: int, num_bins: int) -> torch.Tensor:
        """Return random phases [1, T, bins] of which a longer clip's begin with a shorter one's."""
        angles = np.random.default_rng(self._seed).random((num_frames, num_bins), dtype=np.float32)
        return torch.polar(torch.ones(1), torch.from_numpy(angles)[None] * (2 * math.pi)).to(self._window.device)

    def _synthesise(
        self, spectrum: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor, settled: torch.Tensor | None
    ) -> torch.Tensor:
        signal = inverse_stft(spectrum, self._window, weight, mask, self.spec.hop)
        if settled is not None:
            signal[:, : len(settled)] = settled
        return signal

    def _analyse(self, signal: torch.Tensor) -> torch.Tensor:
        spectrum: torch.Tensor = torch.fft.rfft(signal.unfold(1, self.spec.n_fft, self.spec.hop) * self._window)
        return spectrum


def _with_magnitudes(spectrum: torch.Tensor, magnitudes: torch.Tensor) -> torch.Tensor:
    """Set the magnitudes of a complex spectrum, in place; several times faster than dividing by abs."""
    squares = spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag).add_(1e-24)
    return spectrum.mul_(squares.rsqrt_().mul_(magnitudes))
