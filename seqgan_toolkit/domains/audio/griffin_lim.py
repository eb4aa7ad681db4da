"""Mel magnitudes back to waveforms: the pseudo-inverse of the filter bank, then fast Griffin-Lim."""

from __future__ import annotations

import math

import numpy as np
import torch

from seqgan_toolkit.domains.audio.features import FeatureSpec
from seqgan_toolkit.sequences import length_mask

MOMENTUM = 0.99
ITERATIONS = 60
SMALLEST_SINGULAR_VALUE = 1e-2
"""Relative to the largest: narrow low filters that share one bin would otherwise multiply errors a hundredfold."""
FADE_SECONDS = 0.004
"""Both ends of a clip fade over this time, so that it starts and ends without a click."""


class GriffinLim:
    """Turns mel magnitudes into waveforms; each clip comes out the same whatever it is batched with.

    Fast Griffin-Lim: Perraudin, Balazs and Sondergaard, "A fast Griffin-Lim algorithm" (2013), algorithm 2.

    Args:
        spec: what the frames were made of.
        filter_bank: float [n_fft // 2 + 1, F].
        seed: of the phases to begin with.
    """

    def __init__(self, spec: FeatureSpec, filter_bank: torch.Tensor, *, seed: int = 0) -> None:
        self.spec = spec
        self._inverse = torch.linalg.pinv(filter_bank, rtol=SMALLEST_SINGULAR_VALUE)
        self._window = torch.hann_window(spec.n_fft)
        self._seed = seed

    def __call__(self, mel: torch.Tensor, lengths: torch.Tensor) -> list[torch.Tensor]:
        """Return the waveforms of a batch.

        Args:
            mel: float32 [B, T, F], magnitudes.
            lengths: int64 [B], in frames.

        Returns:
            For each clip float32 [lengths[b] * hop], in [-1, 1].
        """
        mask = length_mask(lengths, mel.shape[1])
        magnitudes = (mel @ self._inverse).clamp(min=0) * mask[..., None]
        signal = self._estimate_phases(magnitudes, mask)
        left = self.spec.margins[0]
        clips = zip(signal, lengths.tolist(), strict=True)
        return [self._finish(row[left : left + length * self.spec.hop]) for row, length in clips]

    def _estimate_phases(self, magnitudes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the signal [B, samples] whose spectrum comes closest to `magnitudes` [B, T, bins]."""
        weight = self._overlap_add(self._window.square() * mask[..., None]).clamp(min=1e-4)
        phases = self._first_phases(magnitudes.shape[1], magnitudes.shape[2])
        previous = torch.zeros_like(phases)
        for _ in range(ITERATIONS):
            rebuilt = self._analyse(self._synthesise(magnitudes * phases, weight, mask))
            phases = _unit(torch.lerp(previous, rebuilt, 1 + MOMENTUM))
            previous = rebuilt
        return self._synthesise(magnitudes * phases, weight, mask)

    def _first_phases(self, num_frames: int, num_bins: int) -> torch.Tensor:
        """Return random phases [1, T, bins] of which a longer clip's begin with a shorter one's."""
        angles = np.random.default_rng(self._seed).random((num_frames, num_bins), dtype=np.float32)
        return torch.polar(torch.ones(1), torch.from_numpy(angles)[None] * (2 * math.pi))

    def _synthesise(self, spectrum: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        frames = torch.fft.irfft(spectrum, n=self.spec.n_fft) * self._window * mask[..., None]
        return self._overlap_add(frames) / weight

    def _analyse(self, signal: torch.Tensor) -> torch.Tensor:
        spectrum: torch.Tensor = torch.fft.rfft(signal.unfold(1, self.spec.n_fft, self.spec.hop) * self._window)
        return spectrum

    def _overlap_add(self, frames: torch.Tensor) -> torch.Tensor:
        """Add frames [B, T, n_fft] at their hops to [B, (T - 1) * hop + n_fft]."""
        batch, num_frames, hop = frames.shape[0], frames.shape[1], self.spec.hop
        parts = math.ceil(self.spec.n_fft / hop)
        frames = torch.nn.functional.pad(frames, (0, parts * hop - self.spec.n_fft))
        signal = frames.new_zeros(batch, num_frames + parts - 1, hop)
        for part in range(parts):
            signal[:, part : part + num_frames] += frames[..., part * hop : (part + 1) * hop]
        return signal.view(batch, -1)[:, : (num_frames - 1) * hop + self.spec.n_fft]

    def _finish(self, clip: torch.Tensor) -> torch.Tensor:
        """Fade both ends, and lower a clip that would be cut off at full scale."""
        num_fade = min(int(FADE_SECONDS * self.spec.sample_rate), len(clip) // 2)
        fade = torch.sin(torch.linspace(0, math.pi / 2, num_fade)).square()
        envelope = torch.ones_like(clip)
        envelope[:num_fade] = fade
        envelope[len(clip) - num_fade :] = fade.flip(0)
        return clip * envelope / clip.abs().max().clamp(min=1.0)


def _unit(spectrum: torch.Tensor) -> torch.Tensor:
    """Keep the phases of a complex spectrum and set its magnitudes to 1; several times faster than dividing by abs."""
    inverse = (spectrum.real.square() + spectrum.imag.square() + 1e-24).rsqrt()
    return torch.view_as_complex(torch.view_as_real(spectrum) * inverse[..., None])
