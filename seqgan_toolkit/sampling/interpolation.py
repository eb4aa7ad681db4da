"""Strips of sequences on the way from one noise to another."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch


class InterpolationSampler:
    """Makes strips of neighbours whose noise goes from one point to another, along the sphere that noise lies on.

    Within a strip only the noise of the sequence moves: the noise of steps and frames and the draw of the length stay.

    Args:
        generator: the generator, with noise of the sequence.
        length: sequences in a strip, its two ends included.
    """

    def __init__(self, generator: FrameGenerator, length: int) -> None:
        self.generator, self.length = generator, length

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Make `rows` sequences, whole strips one after the other; labels int64 [rows] are alike within a strip."""
        strips, scale = rows // self.length, strategy.noise_scale()
        first, last = (self.generator.draw_noise(draws, strips, scale) for _ in range(2))
        stays = replace(
            first,
            steps=first.steps.repeat_interleave(self.length, dim=0),
            lengths=first.lengths.repeat_interleave(self.length),
            frames=first.frames.repeat_interleave(self.length, dim=0),
        )
        moves = on_the_way(first.sequence, last.sequence, self.length).flatten(0, 1)
        return self.generator.make(replace(stays, sequence=moves), labels)


def on_the_way(first: torch.Tensor, last: torch.Tensor, count: int) -> torch.Tensor:
    """Return `count` points [B, count, D] on the great circles from `first` [B, D] to `last`, in equal angles.

    A straight line would leave the sphere, where a generator has never been (White 2016).
    """
    directions = [functional.normalize(end, dim=-1) for end in (first, last)]
    cosine = (directions[0] * directions[1]).sum(-1, keepdim=True)
    angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()[:, None]
    share = torch.linspace(0, 1, count, device=first.device)[None, :, None]
    way = ((1 - share) * angle).sin() * first[:, None] + (share * angle).sin() * last[:, None]
    return way / angle.sin()
