"""What generators need of a cell."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

State = tuple[torch.Tensor, ...]
"""The state of a cell: tensors whose dimension 1 is the batch."""
CellMaker = Callable[[int], "Cell"]
"""Makes the cell for inputs of a size, which only the network around it knows."""


class Cell(nn.Module):
    """A network that runs over a whole sequence (`scan`) or one step at a time (`step`), equal to 1e-5.

    The first layer's input product can be taken apart from the step: `step_projected` takes it ready made, so that
    free running looks up `project(embedding)` in a table instead of multiplying at every step.

    Attributes:
        hidden_dim: H, the size of an output.
        output_bound: the largest absolute value of an output, or None where there is none.
        state_dim: how many numbers of a row's first state a context can set; 0 for a cell that meets its context in
            its inputs alone.
    """

    hidden_dim: int
    output_bound: float | None = None
    state_dim: int = 0

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step."""
        raise NotImplementedError

    def state_from(self, values: torch.Tensor) -> State:
        """Return the state before the first step that values [B, state_dim] in (-1, 1) set."""
        raise NotImplementedError

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I]; return outputs [B, T, H] and the state after the last step."""
        raise NotImplementedError

    def input_weights(self, columns: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights [P, n] and bias [P] of the first input product, for `columns` of the inputs (n of I)."""
        raise NotImplementedError

    def step_projected(self, projected: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step whose first input product [B, P] is given; see `step`."""
        raise NotImplementedError

    def project(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the first input product [..., P] of inputs [..., I]."""
        return functional.linear(inputs, *self.input_weights())

    def step(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step on inputs [B, I]; return the output [B, H] and the new state."""
        return self.step_projected(self.project(inputs), state)


def first_state(cell: Cell, context: torch.Tensor, layer: nn.Linear | None) -> State:
    """Return a cell's first state for a context [B, C], through `layer` from C to `cell.state_dim`; zeros without."""
    return cell.zero_state(len(context)) if layer is None else cell.state_from(torch.tanh(layer(context)))
