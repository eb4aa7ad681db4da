"""Waveforms to log-mel frames: what is computed, and how it is scaled to [-1, 1]."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.domains.audio.torchaudio_gate import load_torchaudio
from seqgan_toolkit.sequences import FrameSpace

SMALLEST_MAGNITUDE = 1e-7
"""Added to mel magnitudes before the logarithm: below the last bit of a 16-bit file, so silence stays finite."""
LEAST_RANGE_DB = 20.0
"""A mel bin that never rises far above the floor is scaled over this range, so that its noise is not blown up."""

DEFINITION = "log-mel 1"
"""What a specification means: magnitudes, HTK mel scale, natural log, one floor, a top for each mel bin. The number is
raised with every change, so that frames of another meaning are never read as these."""


@dataclass(frozen=True)
class FeatureSpec:
    """What the log-mel frames are made of.

    Attributes:
        sample_rate: Hz; other rates are resampled to it.
        n_fft: samples in a window.
        hop: samples between windows.
        num_mels: mel filters, which is F.
        low_hz: lower end of the mel scale.
        high_hz: upper end of the mel scale; half the sample rate when None.
        max_seconds: longer clips are cut.
        trim_db: silence this far below a clip's peak is trimmed from both ends; None keeps it.
        range_db: what lies further below the loudest value of the training split is the floor, and becomes -1.
    """

    sample_rate: int = 8000
    n_fft: int = 256
    hop: int = 64
    num_mels: int = 64
    low_hz: float = 0.0
    high_hz: float | None = None
    max_seconds: float = 1.0
    trim_db: float | None = 40.0
    range_db: float = 80.0

    @property
    def top_hz(self) -> float:
        """The upper end of the mel scale, in Hz."""
        return self.sample_rate / 2 if self.high_hz is None else self.high_hz

    @property
    def max_frames(self) -> int:
        """The most frames of a clip."""
        return max(1, math.ceil(self.max_seconds * self.sample_rate / self.hop))

    @property
    def margins(self) -> tuple[int, int]:
        """Zeros before and after a clip with which its frames are centred on their hops, in samples."""
        missing = self.n_fft - self.hop
        return missing // 2, missing - missing // 2


class LogMel:
    """Natural-log mel magnitudes; a clip of n samples has ceil(n / hop) frames, each centred on its hop.

    The mel scale is torchaudio's default (HTK, filters without area normalisation), as in `check_mel_settings`.
    """

    def __init__(self, spec: FeatureSpec, device: torch.device | str = "cpu") -> None:
        self.spec = spec
        filters = load_torchaudio().functional.melscale_fbanks
        bins = spec.n_fft // 2 + 1
        bank: torch.Tensor = filters(bins, spec.low_hz, spec.top_hz, spec.num_mels, spec.sample_rate)
        self.filter_bank = bank.to(device)
        """Float [n_fft // 2 + 1, F], the weight of every bin of the spectrum in every mel filter."""
        self._window = torch.hann_window(spec.n_fft, device=device)

    def __call__(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the frames of one clip, or of clips of one length.

        Args:
            waveform: float32 [samples] or [B, samples], at least one sample.

        Returns:
            Float32 [T, F] or [B, T, F], natural logarithms.
        """
        left, right = self.spec.margins
        to_full_hop = -waveform.shape[-1] % self.spec.hop
        return self._frames(torch.nn.functional.pad(waveform, (left, right + to_full_hop)))

    def many(self, waveforms: Sequence[Waveform]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the frames of many clips at once, equal to those of each alone.

        Args:
            waveforms: float32 [samples] each, at least one sample.

        Returns:
            Float32 [B, T, F], natural logarithms, with those of silence behind a clip's own; and how many are its own,
            int64 [B].
        """
        left, right = self.spec.margins
        lengths = torch.tensor([-(-len(waveform) // self.spec.hop) for waveform in waveforms])
        padded = torch.zeros(len(waveforms), left + int(lengths.max()) * self.spec.hop + right)
        for row, waveform in zip(padded, waveforms, strict=True):
            row[left : left + len(waveform)] = torch.from_numpy(waveform)
        return self._frames(padded), lengths

    def _frames(self, padded: torch.Tensor) -> torch.Tensor:
        """Return the frames [..., T, F] of waveforms [..., samples] that have their margins and whole hops already.

        Three times as fast as torchaudio's transform, whose magnitudes guard against overflow. Silence has a gradient.
        """
        spectrum = torch.fft.rfft(padded.unfold(-1, self.spec.n_fft, self.spec.hop) * self._window)
        magnitudes: torch.Tensor = spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag).add_(1e-20).sqrt_()
        return (magnitudes @ self.filter_bank).add_(SMALLEST_MAGNITUDE).log_()


@dataclass(frozen=True)
class FrameScale:
    """Maps log-mel frames to [-1, 1]: the floor to -1, and the loudest value of each mel bin to 1.

    One floor for all bins makes silence, padding and -1 the same thing, so that a decay ends in the value a frame
    generator reaches by saturating; a top for each bin gives quiet high bands as much of the range as loud low ones.

    Attributes:
        floor: natural log of the mel magnitude that becomes -1.
        tops: for each mel bin, the natural log that becomes 1.
    """

    floor: float
    tops: tuple[float, ...]

    @classmethod
    def fit(cls, loudest: torch.Tensor, range_db: float) -> FrameScale:
        """Fit to the training split.

        Args:
            loudest: float [F], the largest log-mel value of each bin over the training split.
            range_db: how far below the largest of all the floor lies.
        """
        floor = float(loudest.max()) - _nepers(range_db)
        tops = loudest.clamp(min=floor + _nepers(min(LEAST_RANGE_DB, range_db)))
        return cls(floor, tuple(float(top) for top in tops))

    @property
    def space(self) -> FrameSpace:
        """The space of the scaled frames."""
        return FrameSpace(len(self.tops), -1.0, 1.0)

    def scale(self, log_mel: torch.Tensor) -> torch.Tensor:
        """Map log-mel frames [..., F] to [-1, 1]; what lies outside is clipped."""
        spans = torch.tensor(self.tops) - self.floor
        return ((log_mel - self.floor) / spans * 2 - 1).clamp(-1, 1)

    def unscale(self, frames: torch.Tensor) -> torch.Tensor:
        """Map frames [..., F] in [-1, 1] back to log-mel values."""
        spans = torch.tensor(self.tops, device=frames.device) - self.floor
        return (frames.clamp(-1, 1) + 1) / 2 * spans + self.floor


def _nepers(decibels: float) -> float:
    """Convert decibels of magnitude to natural logarithms."""
    return decibels * math.log(10) / 20
