"""minGRU: a recurrent cell whose steps can be taken all at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells.protocol import Cell, State


class MinGRU(Cell):
    """h' = (1 - z) h + z c, with gate z = sigmoid and candidate c linear in the input alone (Feng et al. 2024).

    Since neither looks at the state, h is a running sum with decay, and `scan` needs log2(T) passes instead of T
    steps. Its state is one tensor [L, B, H] of L layers.

    Args:
        input_dim: I, the size of an input.
        hidden_dim: H, the size of the state.
        num_layers: L, layers on top of each other.
    """

    def __init__(self, input_dim: int, hidden_dim: int, num_layers: int = 1) -> None:
        super().__init__()
        self.hidden_dim, self.num_layers = hidden_dim, num_layers
        self.state_dim = num_layers * hidden_dim
        sizes = [input_dim] + [hidden_dim] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.Linear(size, 2 * hidden_dim) for size in sizes)

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step, zeros [L, rows, H]."""
        return (self.input_weights()[0].new_zeros(self.num_layers, rows, self.hidden_dim),)

    def state_from(self, values: torch.Tensor) -> State:
        """Return the state before the first step that values [B, L H] in (-1, 1) set."""
        return (values.reshape(len(values), self.num_layers, self.hidden_dim).transpose(0, 1),)

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I]; return outputs [B, T, H] and the last state."""
        last = []
        for layer, first in zip(self.layers, state[0], strict=True):
            gate, candidate = layer(inputs).chunk(2, dim=-1)
            gate = gate.sigmoid()
            inputs = decaying_sum(1 - gate, gate * candidate, first)
            last.append(inputs[:, -1])
        return inputs, (torch.stack(last),)

    def input_weights(self, columns: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights [2 H, n] and bias [2 H] of the first layer's gate and candidate."""
        first = self.layers[0]
        assert isinstance(first, nn.Linear)
        return first.weight[:, columns], first.bias

    def step_projected(self, projected: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step whose first input product [B, 2 H] is given; see `step`."""
        states: list[torch.Tensor] = []
        for index, before in enumerate(state[0]):
            if index:
                projected = self.layers[index](states[-1])
            gate, candidate = projected.chunk(2, dim=-1)
            states.append(torch.lerp(before, candidate, gate.sigmoid()))
        return states[-1], (torch.stack(states),)


def decaying_sum(decay: torch.Tensor, entry: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """Return h [B, T, H] with h_t = decay_t h_(t-1) + entry_t, where h before the first step is `first` [B, H].

    On a GPU the passes of `doubling` keep it busy; on a CPU, where they only touch memory more often, one step
    follows the other.

    Args:
        decay: [B, T, H], in [0, 1].
        entry: [B, T, H].
        first: [B, H].
    """
    if entry.device.type != "cpu":
        return doubling(decay, entry, first)
    summed: torch.Tensor = _Stepping.apply(decay, entry, first)
    return summed


class _Stepping(torch.autograd.Function):
    """The sum step by step, whose gradient is such a sum from the last step to the first, twice differentiable."""

    @staticmethod
    def forward(ctx: Any, decay: torch.Tensor, entry: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
        summed, before = torch.empty_like(entry), first
        for step in range(entry.shape[1]):
            before = torch.addcmul(entry[:, step], decay[:, step], before, out=summed[:, step])
        ctx.save_for_backward(decay, first, summed)
        return summed

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        decay, first, summed = ctx.saved_tensors
        # What a step contributes to is itself and, decayed, all that comes after it.
        later = functional.pad(decay[:, 1:], (0, 0, 0, 1)).flip(1)
        toward = decaying_sum(later, gradients[0].flip(1), torch.zeros_like(first)).flip(1)
        before = torch.cat([first[:, None], summed[:, :-1]], dim=1)
        return toward * before, toward, toward[:, 0] * decay[:, 0]


def doubling(decay: torch.Tensor, entry: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """Return the sum in log2(T) passes.

    Each pass joins every step with the one that stands twice as far before it as in the last pass (Hillis and Steele
    1986). Only products of decays in [0, 1] are formed, never their inverses, so that long sequences lose nothing.
    """
    entry = torch.cat([torch.addcmul(entry[:, :1], decay[:, :1], first[:, None]), entry[:, 1:]], dim=1)
    reach = 1
    while reach < entry.shape[1]:
        moved = functional.pad(entry[:, :-reach], (0, 0, reach, 0))
        entry = torch.addcmul(entry, decay, moved)
        decay = decay * functional.pad(decay[:, :-reach], (0, 0, reach, 0))
        reach *= 2
    return entry
