"""A neural decoder of log-mel frames: convolutions over time, and a head that says magnitudes and phases."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from seqgan_toolkit.domains.audio.decoder import piece_bounds
from seqgan_toolkit.domains.audio.overlap_add import inverse_stft, overlap_weight
from seqgan_toolkit.sequences import FrameSpace, length_mask

KERNEL = 7
"""Frames that a convolution sees."""
OVERLAP = 4
"""Windows that cover a sample, as in Vocos (n_fft 1024, hop 256)."""
WIDENING = 3
"""A block's hidden layer over its channels."""
LARGEST_LOG_MAGNITUDE = 4.6
"""Log of 100, which no window of samples in [-1, 1] comes near: an untrained head cannot overflow."""


class ConvNeXtBlock(nn.Module):
    """A depth-wise convolution over time and a layer of each frame alone, added to what came in (Liu et al. 2022).

    Args:
        dim: channels C.
        scale: of what is added at first.
    """

    def __init__(self, dim: int, scale: float) -> None:
        super().__init__()
        self.across = nn.Conv1d(dim, dim, KERNEL, padding=KERNEL // 2, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.within = nn.Sequential(nn.Linear(dim, WIDENING * dim), nn.GELU(), nn.Linear(WIDENING * dim, dim))
        self.scale = nn.Parameter(torch.full((dim,), scale))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return [B, T, C] of hidden [B, T, C]; what the mask [B, T, 1] leaves out is not looked at."""
        around = self.across((hidden * mask).transpose(1, 2)).transpose(1, 2)
        added: torch.Tensor = self.within(self.norm(around))
        return hidden + self.scale * added


class Vocoder(nn.Module):
    """Frames to samples at the frames' own rate, with one inverse STFT at the end (Vocos, Siuzdak 2023).

    A sample depends on the `context` frames before and behind its own alone, and padding does not matter.

    Args:
        space: of the frames; their lowest value is silence.
        hop: samples of a frame.
        hidden_dim: channels.
        num_layers: blocks.
    """

    window: torch.Tensor

    def __init__(self, space: FrameSpace, *, hop: int, hidden_dim: int, num_layers: int) -> None:
        super().__init__()
        self.space, self.hop, self.n_fft = space, hop, OVERLAP * hop
        self.context = KERNEL // 2 * (1 + num_layers) + OVERLAP // 2
        self.enter = nn.Conv1d(space.dim, hidden_dim, KERNEL, padding=KERNEL // 2)
        self.norm = nn.LayerNorm(hidden_dim)
        self.blocks = nn.ModuleList(ConvNeXtBlock(hidden_dim, 1 / num_layers) for _ in range(num_layers))
        self.last_norm = nn.LayerNorm(hidden_dim)
        self.head = nn.Linear(hidden_dim, self.n_fft + 2)
        self.register_buffer("window", torch.hann_window(self.n_fft), persistent=False)

    def forward(self, frames: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the waveforms of a batch.

        Args:
            frames: float [B, T, F].
            lengths: int64 [B], in frames.

        Returns:
            Float32 [B, T * hop]; what lies behind a clip's end has no meaning.
        """
        mask = length_mask(lengths, frames.shape[1])
        kept = mask[..., None].to(frames.dtype)
        # Zeros, which convolutions see beyond the ends, become silence.
        above_silence = (frames - self.space.low) * kept
        hidden = self.norm(self.enter(above_silence.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            hidden = block(hidden, kept)
        log_magnitudes, phases = self.head(self.last_norm(hidden)).float().chunk(2, dim=-1)
        magnitudes = log_magnitudes.clamp(max=LARGEST_LOG_MAGNITUDE).exp()
        return self._synthesise(torch.polar(magnitudes, phases), mask)

    def _synthesise(self, spectrum: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        weight = overlap_weight(self.window, mask, self.hop)
        signal = inverse_stft(spectrum, self.window, weight, mask, self.hop)
        left = (self.n_fft - self.hop) // 2
        return signal[:, left : left + mask.shape[1] * self.hop]


class NeuralDecoder:
    """A trained vocoder as a decoder; see `Decoder`.

    Args:
        vocoder: in evaluation mode.
    """

    name = "neural"

    def __init__(self, vocoder: Vocoder) -> None:
        self.vocoder = vocoder

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.vocoder.window.device

    @torch.no_grad()
    def whole(self, frames: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Decode frames float32 [B, T, F] of lengths [B] to float32 [B, T * hop]."""
        samples: torch.Tensor = self.vocoder(frames, lengths)
        return samples

    def pieces(self, frames: torch.Tensor) -> Iterator[torch.Tensor]:
        """Decode one clip [T, F] of any length piece by piece: the same samples as those of the whole at once."""
        context, hop = self.vocoder.context, self.vocoder.hop
        for first, end in piece_bounds(len(frames)):
            before = min(context, first)
            part = frames[first - before : end + context]
            samples = self.whole(part[None], torch.tensor([len(part)], device=self.device))[0]
            yield samples[before * hop : (before + end - first) * hop]
