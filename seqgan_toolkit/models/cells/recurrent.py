"""The classic recurrent cells: Elman's, LSTM and GRU."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells.protocol import Cell, State

CellKind = Literal["rnn", "lstm", "gru"]


class RecurrentCell(Cell):
    """Elman RNN, LSTM or GRU, equal in `scan` and `step` (Elman 1990; Hochreiter 1997; Cho 2014).

    Its state is tensors [L, B, H] of L layers: (h,) for `rnn` and `gru`, (h, c) for `lstm`.

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
        self.output_bound = 1.0
        self.state_dim = self.num_states * num_layers * hidden_dim
        self.network = network(input_dim, hidden_dim, num_layers, batch_first=True)
        self._advance = {"rnn": _step_rnn, "lstm": _step_lstm, "gru": _step_gru}[kind]

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step, zeros [L, rows, H]."""
        zeros = self.network.weight_hh_l0.new_zeros(self.num_layers, rows, self.hidden_dim)
        return (zeros,) * self.num_states

    def state_from(self, values: torch.Tensor) -> State:
        """Return the state before the first step that values [B, state_dim] in (-1, 1) set."""
        shape = (len(values), self.num_layers, self.hidden_dim)
        parts = values.chunk(self.num_states, dim=-1)
        return tuple(part.reshape(shape).transpose(0, 1).contiguous() for part in parts)

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I] in one fused call; return outputs [B, T, H] and the last state."""
        if self.kind == "lstm":
            outputs, last = self.network(inputs, (state[0].contiguous(), state[1].contiguous()))
            return outputs, last
        outputs, hidden = self.network(inputs, state[0].contiguous())
        return outputs, (hidden,)

    def input_weights(self, columns: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights [G H, n] and bias [G H] of the first layer's input product, for G gates."""
        return self.network.weight_ih_l0[:, columns], self.network.bias_ih_l0

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
