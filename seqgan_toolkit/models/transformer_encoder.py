"""A transformer that a discriminator sees with."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.encoders import Encoder
from seqgan_toolkit.models.parts import Dropout
from seqgan_toolkit.sequences import length_mask


class TransformerEncoder(Encoder):
    """Self-attention over all steps, in both directions (Vaswani et al. 2017); the mean over the steps is the feature.

    Normalised before each layer (Xiong et al. 2020), with sinusoidal positions, so that any length can come.

    Args:
        input_dim: I.
        hidden_dim: H, the size of a step.
        num_layers: layers on top of each other.
        num_heads: heads of the attention; they share H.
        dropout: on what a layer adds, while training.
    """

    def __init__(
        self, input_dim: int, *, hidden_dim: int, num_layers: int, num_heads: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.enter = nn.Linear(input_dim, hidden_dim)
        self.layers = nn.ModuleList(_Layer(hidden_dim, num_heads, dropout) for _ in range(num_layers))
        self.norm = nn.LayerNorm(hidden_dim)
        self.features_dim = hidden_dim

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, H] of inputs [B, T, I]."""
        mask = length_mask(lengths, inputs.shape[1])
        steps = self.enter(inputs)
        steps = steps + sinusoids(inputs.shape[1], steps.shape[-1], steps.device)
        for layer in self.layers:
            steps = layer(steps, mask)
        steps = self.norm(steps) * mask[..., None]
        features: torch.Tensor = steps.sum(1) / lengths[:, None]
        return features


class _Layer(nn.Module):
    def __init__(self, hidden_dim: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attention_norm, self.feed_norm = nn.LayerNorm(hidden_dim), nn.LayerNorm(hidden_dim)
        self.project = nn.Linear(hidden_dim, 3 * hidden_dim)
        self.join = nn.Linear(hidden_dim, hidden_dim)
        self.widen = nn.Linear(hidden_dim, 4 * hidden_dim)
        self.narrow = nn.Linear(4 * hidden_dim, hidden_dim)
        self.dropout = Dropout(dropout)

    def forward(self, steps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        steps = steps + self.dropout(self.join(self._attend(self.attention_norm(steps), mask)))
        widened = functional.gelu(self.widen(self.feed_norm(steps)))
        added: torch.Tensor = self.dropout(self.narrow(widened))
        return steps + added

    def _attend(self, steps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        heads = self.project(steps).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = heads.unbind(0)  # each [B, heads, T, H / heads]
        # Written out: the fused kernels have no double backward, which penalties need.
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        shares = scores.masked_fill(~mask[:, None, None], float("-inf")).softmax(-1)
        seen: torch.Tensor = (shares @ value).transpose(1, 2).flatten(2)
        return seen


def sinusoids(num_steps: int, dim: int, device: torch.device) -> torch.Tensor:
    """Return sines and cosines [T, dim] of wave lengths from 2 pi to 10,000 times that (Vaswani et al. 2017)."""
    steps = torch.arange(num_steps, device=device)[:, None]
    rates = torch.exp(torch.arange(0, dim, 2, device=device) * (-math.log(10_000.0) / dim))
    return torch.cat([(steps * rates).sin(), (steps * rates).cos()], dim=-1)[:, :dim]
