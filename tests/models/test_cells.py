from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.models.cells import CellKind, RecurrentCell

KINDS = pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
LAYERS = pytest.mark.parametrize("num_layers", [1, 2])


def cell_and_inputs(kind: CellKind, num_layers: int) -> tuple[RecurrentCell, torch.Tensor, tuple[torch.Tensor, ...]]:
    torch.manual_seed(1)
    cell = RecurrentCell(kind, 5, 7, num_layers)
    state = tuple(torch.randn(num_layers, 4, 7) for _ in range(cell.num_states))
    return cell, torch.randn(4, 9, 5), state


@KINDS
@LAYERS
def test_scan_equals_step(kind: CellKind, num_layers: int) -> None:
    cell, inputs, state = cell_and_inputs(kind, num_layers)
    outputs, last = cell.scan(inputs, state)
    for step in range(inputs.shape[1]):
        output, state = cell.step(inputs[:, step], state)
        torch.testing.assert_close(output, outputs[:, step], rtol=0, atol=1e-5)
    for found, expected in zip(state, last, strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@KINDS
@LAYERS
def test_a_table_of_projections_serves_a_step(kind: CellKind, num_layers: int) -> None:
    cell, inputs, state = cell_and_inputs(kind, num_layers)
    vectors, tokens = inputs[0], torch.tensor([3, 0, 8, 3])
    expected, _ = cell.step(vectors[tokens], state)
    found, _ = cell.step_projected(cell.project(vectors)[tokens], state)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@KINDS
def test_input_columns_split_the_projection(kind: CellKind) -> None:
    cell, inputs, _ = cell_and_inputs(kind, 1)
    whole = cell.project(inputs)
    parts = inputs[..., :2] @ cell.input_columns(0, 2).T + inputs[..., 2:] @ cell.input_columns(2, 3).T
    torch.testing.assert_close(parts + cell.network.bias_ih_l0, whole, rtol=0, atol=1e-5)


@KINDS
def test_the_zero_state_is_what_the_network_starts_from(kind: CellKind) -> None:
    cell, inputs, _ = cell_and_inputs(kind, 2)
    torch.testing.assert_close(cell.scan(inputs, cell.zero_state(4))[0], cell.network(inputs)[0])


@KINDS
@pytest.mark.parametrize("way", ["scan", "step"])
def test_double_backward(kind: CellKind, way: str) -> None:
    cell, inputs, state = cell_and_inputs(kind, 2)
    cell, inputs = cell.double(), inputs[:2, :2].double().requires_grad_(True)
    state = tuple(part[:, :2].double() for part in state)

    def run(values: torch.Tensor) -> torch.Tensor:
        if way == "scan":
            return cell.scan(values, state)[0]
        output, _ = cell.step(values[:, 0], state)
        return output

    assert torch.autograd.gradgradcheck(run, (inputs,))
