"""The seam of decoders, frames to samples, and how the clips that they make begin and end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import torch

PIECE_FRAMES = 512
"""Frames that are decoded at once: of a longer clip one such piece after the other, so that memory is bounded."""
FADE_SECONDS = 0.004
"""Both ends of a clip fade over this time, so that it starts and ends without a click."""


class Decoder(Protocol):
    """Turns frames on the scale of one training split into samples.

    Attributes:
        name: what people call it.
    """

    name: str

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    def whole(self, frames: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Decode a batch of clips at once.

        Args:
            frames: float32 [B, T, F].
            lengths: int64 [B], in frames.

        Returns:
            Float32 [B, T * hop]; what lies behind a clip's end has no meaning, and what comes before does not depend on
            the others in the batch.
        """
        ...

    def pieces(self, frames: torch.Tensor) -> Iterator[torch.Tensor]:
        """Decode one clip of any length, float32 [T, F], piece by piece; together they are float32 [T * hop]."""
        ...


def piece_bounds(num_frames: int) -> Iterator[tuple[int, int]]:
    """Yield where pieces of a clip begin and end, in frames."""
    return pairwise([*range(0, num_frames, PIECE_FRAMES), num_frames])


def finish(clip: torch.Tensor, sample_rate: int) -> torch.Tensor:
    """Fade both ends of a clip [samples], and lower one that would be cut off at full scale."""
    return _fade(clip, sample_rate, begins=True, ends=True) / clip.abs().max().clamp(min=1.0)


def finish_pieces(pieces: Iterator[torch.Tensor], sample_rate: int) -> Iterator[torch.Tensor]:
    """Fade both ends of a clip that comes in pieces, and cut it off at full scale: its peak is known too late."""
    begins, held = True, next(pieces)
    for following in pieces:
        yield _fade(held, sample_rate, begins=begins, ends=False).clamp(-1, 1)
        begins, held = False, following
    yield _fade(held, sample_rate, begins=begins, ends=True).clamp(-1, 1)


def _fade(clip: torch.Tensor, sample_rate: int, *, begins: bool, ends: bool) -> torch.Tensor:
    num_fade = min(int(FADE_SECONDS * sample_rate), len(clip) // 2)
    fade = torch.sin(torch.linspace(0, math.pi / 2, num_fade, device=clip.device)).square()
    envelope = torch.ones_like(clip)
    if begins:
        envelope[:num_fade] = fade
    if ends:
        envelope[len(clip) - num_fade :] = fade.flip(0)
    return clip * envelope
