"""What holds for a whole sequence of frames, noise and label, as networks take it in."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import Cell, State, first_state
from seqgan_toolkit.models.parts import LabelEmbedding


class Context(nn.Module):
    """Noise and label, as the cell's first state and as an input to every step.

    The noise lies on a sphere, so that its size carries no information that a discriminator could learn.

    Without noise of the sequence the first state is zero, and the label enters the steps alone.

    Args:
        num_labels: how many labels the data carry; 0 for none.
        noise_dim: size of the noise of a sequence; 0 for none.
        label_dim: size of the label's embedding.
        context_dim: size of what enters every step.
        state_dim: how many numbers of the cell's first state can be set.
    """

    def __init__(self, *, num_labels: int, noise_dim: int, label_dim: int, context_dim: int, state_dim: int) -> None:
        super().__init__()
        self.noise_dim = noise_dim
        self.label = LabelEmbedding(num_labels, label_dim)
        given = noise_dim + self.label.dim
        self.enter = nn.Linear(given, context_dim) if given else None
        self.first_state = nn.Linear(given, state_dim) if state_dim and noise_dim else None

    def draw_noise(self, draws: Draws, rows: int, scale: float) -> torch.Tensor:
        """Draw [rows, noise_dim] on the sphere of radius sqrt(noise_dim), scaled (truncation when below 1)."""
        direction: torch.Tensor = functional.normalize(draws.normal(rows, self.noise_dim), dim=-1)
        return direction * (scale * math.sqrt(self.noise_dim))

    def forward(self, noise: torch.Tensor, labels: torch.Tensor | None, cell: Cell) -> tuple[torch.Tensor, State]:
        """Return the context [B, context_dim], [B, 0] where there is none, and the first state of `cell`."""
        joined = torch.cat([noise, self.label(labels, len(noise), noise)], dim=-1)
        context = joined if self.enter is None else functional.leaky_relu(self.enter(joined), 0.2)
        return context, first_state(cell, joined, self.first_state)
