"""A causal transformer as a cell: its state is what its layers have seen."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells.protocol import Cell, State


class CausalTransformer(Cell):
    """Self-attention over the steps so far (Vaswani et al. 2017), normalised before every part (Xiong et al. 2020).

    Its state holds the keys and values of every layer, tensors [T, B, H] that grow with every step. A context reaches
    it through its inputs alone. Positions are sinusoids whose weight is learnt (Li et al. 2019).

    Args:
        input_dim: I, the size of an input.
        hidden_dim: H, the size of an output.
        num_layers: L, layers on top of each other.
        num_heads: heads of the attention, which divide H.
    """

    def __init__(self, input_dim: int, hidden_dim: int, num_layers: int = 1, *, num_heads: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.enter = nn.Linear(input_dim, hidden_dim)
        # Small at first, as embeddings are.
        self.position_weight = nn.Parameter(torch.tensor(0.1))
        self.layers = nn.ModuleList(Layer(hidden_dim, num_heads) for _ in range(num_layers))
        self.norm = nn.LayerNorm(hidden_dim)

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step, in which nothing has been seen."""
        nothing = self.enter.weight.new_zeros(0, rows, self.hidden_dim)
        return (nothing,) * (2 * len(self.layers))

    def input_weights(self, columns: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights [H, n] and bias [H] of the layer through which inputs enter."""
        return self.enter.weight[:, columns], self.enter.bias

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I]; return outputs [B, T, H] and the last state."""
        return self._run(self.enter(inputs), state)

    def step_projected(self, projected: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step whose entered input [B, H] is given; see `step`."""
        outputs, state = self._run(projected[:, None], state)
        return outputs[:, 0], state

    def _run(self, hidden: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        seen = len(state[0])
        hidden = hidden + self.position_weight * sinusoids(seen, hidden.shape[1], self.hidden_dim, hidden)
        after: list[torch.Tensor] = []
        for layer, keys, values in zip(self.layers, state[::2], state[1::2], strict=True):
            hidden, keys, values = layer(hidden, keys, values)
            after += [keys, values]
        return self.norm(hidden), tuple(after)


class Layer(nn.Module):
    """Attention and a feed-forward network of four times the size, each on a residual.

    Args:
        hidden_dim: H, the size of a step.
        num_heads: heads of the attention.
    """

    def __init__(self, hidden_dim: int, num_heads: int) -> None:
        super().__init__()
        self.heads = (num_heads, hidden_dim // num_heads)
        self.attend_norm, self.process_norm = nn.LayerNorm(hidden_dim), nn.LayerNorm(hidden_dim)
        self.attend, self.leave = nn.Linear(hidden_dim, 3 * hidden_dim), nn.Linear(hidden_dim, hidden_dim)
        self.process = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(
        self, hidden: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return hidden [B, T, H], and keys and values [seen + T, B, H], given those [seen, B, H] of earlier steps."""
        query, key, value = self.attend(self.attend_norm(hidden)).chunk(3, dim=-1)
        keys, values = torch.cat([keys, key.transpose(0, 1)]), torch.cat([values, value.transpose(0, 1)])
        hidden = hidden + self.leave(self._attention(query, keys, values))
        return hidden + self.process(self.process_norm(hidden)), keys, values

    def _attention(self, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        steps, seen = query.shape[1], len(keys) - query.shape[1]
        later = torch.ones(steps, len(keys), dtype=torch.bool, device=query.device).tril(seen) if seen else None
        read = functional.scaled_dot_product_attention(
            torch.unflatten(query, -1, self.heads).transpose(1, 2),
            torch.unflatten(keys, -1, self.heads).permute(1, 2, 0, 3),
            torch.unflatten(values, -1, self.heads).permute(1, 2, 0, 3),
            attn_mask=later if steps > 1 else None,
            is_causal=steps > 1 and not seen,
        )
        return read.transpose(1, 2).flatten(2)


def sinusoids(first: int, steps: int, dim: int, like: torch.Tensor) -> torch.Tensor:
    """Return `steps` positions from `first` on as sines and cosines [steps, dim], on the device of `like`."""
    half = torch.arange((dim + 1) // 2, device=like.device)
    angles = torch.arange(first, first + steps, device=like.device)[:, None] * 10_000 ** (-2 * half / dim)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, :dim]
