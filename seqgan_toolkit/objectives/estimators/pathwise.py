"""Frames: the gradient of the discriminator flows straight into the generator."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.objectives.estimators.base import Turn, differentiable_loss
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful


class Pathwise:
    """Frames are differentiable functions of the noise: their gradient is the sampler's own.

    Args:
        sampler: the sampler of a frame generator.
    """

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.parts: Mapping[str, Stateful] = {}

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        """Draw frames [rows, T, F] that carry the generator's gradient."""
        with torch.set_grad_enabled(gradient):
            return self.sampler.sample(labels, rows, draws)

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the objective on `fake`."""
        return differentiable_loss(fake, turn)
