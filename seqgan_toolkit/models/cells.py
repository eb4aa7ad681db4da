"""Recurrent cells with two ways through time: `scan` over whole sequences, `step` for free running."""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from torch import nn
from torch.nn import functional

CellKind = Literal["rnn", "lstm", "gru"]
State = tuple[torch.Tensor, ...]
"""The state of a cell: tensors [L, B, H], L layers; (h,) for `rnn` and `gru`, (h, c) for `lstm`."""


class Cell(Protocol):
    """What a generator needs of a recurrent network."""

    hidden_dim: int
    output_bound: float | None
    """The largest absolute value of an output, or None where there is none."""

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step."""
        ...

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I]; return outputs [B, T, H] and the state after the last step."""
        ...

    def step(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step on inputs [B, I]; return the output [B, H] and the new state."""
        ...


class RecurrentCell(nn.Module):
    """Elman RNN, LSTM or GRU, equal in `scan` and `step` (Elman 1990; Hochreiter 1997; Cho 2014).

    The first layer's input product can be taken apart from the step: `step_projected` accepts it ready made, so
    that free running looks up `project(embedding)` in a table instead of multiplying at every step.

    Args:
        kind: `rnn` (tanh), `lstm` or `gru`.
        input_dim: I, the size of an input.
        hidden_dim: H, the size of the state.
        num_layers: L, layers on top of each other.
    """

    def __init__(self, kind: CellKind, input_dim: int, hidden_dim: int, num_layers: int = 1) -> None:
        super().__init__()
        network = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind]
        self.kind = kind
        self.hidden_dim, self.num_layers = hidden_dim, num_layers
        self.num_states = 2 if kind == "lstm" else 1
        # Outputs are a tanh, a gated tanh, or a mean of such with a first state that is one.
        self.output_bound: float | None = 1.0
        self.network = network(input_dim, hidden_dim, num_layers, batch_first=True)
        self._advance = {"rnn": _step_rnn, "lstm": _step_lstm, "gru": _step_gru}[kind]

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step, zeros [L, rows, H]."""
        zeros = self.network.weight_hh_l0.new_zeros(self.num_layers, rows, self.hidden_dim)
        return (zeros,) * self.num_states

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I] in one fused call; return outputs [B, T, H] and the last state."""
        if self.kind == "lstm":
            outputs, last = self.network(inputs, (state[0].contiguous(), state[1].contiguous()))
            return outputs, last
        outputs, hidden = self.network(inputs, state[0].contiguous())
        return outputs, (hidden,)

    def step(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step on inputs [B, I]; return the output [B, H] and the new state."""
        return self.step_projected(self.project(inputs), state)

    def project(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the first layer's input product [..., G H] of inputs [..., I], for G gates."""
        return functional.linear(inputs, self.network.weight_ih_l0, self.network.bias_ih_l0)

    def input_columns(self, first: int, size: int) -> torch.Tensor:
        """Return the columns [G H, size] of the first layer's input weights that read part of an input."""
        weights: torch.Tensor = self.network.weight_ih_l0
        return weights[:, first : first + size]

    def step_projected(self, projected: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step whose first input product [B, G H] is given; see `step`."""
        layers: list[State] = []
        for layer in range(self.num_layers):
            if layer:
                weights = getattr(self.network, f"weight_ih_l{layer}")
                projected = functional.linear(layers[-1][0], weights, getattr(self.network, f"bias_ih_l{layer}"))
            recurrent = functional.linear(
                state[0][layer],
                getattr(self.network, f"weight_hh_l{layer}"),
                getattr(self.network, f"bias_hh_l{layer}"),
            )
            layers.append(self._advance(projected, recurrent, tuple(part[layer] for part in state)))
        if self.num_layers == 1:
            return layers[0][0], tuple(part[None] for part in layers[0])
        return layers[-1][0], tuple(torch.stack(parts) for parts in zip(*layers, strict=True))


def _step_rnn(projected: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    return (torch.tanh(projected + recurrent),)


def _step_lstm(projected: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    gates = projected + recurrent
    hidden_dim = state[1].shape[-1]
    entry, forget, _, output = torch.sigmoid(gates).chunk(4, dim=-1)
    candidate = gates[:, 2 * hidden_dim : 3 * hidden_dim].tanh()
    memory = torch.addcmul(forget * state[1], entry, candidate)
    return output * memory.tanh(), memory


def _step_gru(projected: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    hidden_dim = state[0].shape[-1]
    reset, update = (projected + recurrent)[:, : 2 * hidden_dim].sigmoid().chunk(2, dim=-1)
    candidate = torch.addcmul(projected[:, 2 * hidden_dim :], reset, recurrent[:, 2 * hidden_dim :]).tanh()
    return (torch.lerp(candidate, state[0], update),)
