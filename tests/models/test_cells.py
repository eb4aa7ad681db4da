from __future__ import annotations

from typing import Any

import pytest
import torch

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.models.cells import Cell, CellKind, RecurrentCell, State, first_state

RECURRENT = pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
CELLS = pytest.mark.parametrize(
    "settings",
    [
        *({"kind": kind, "num_layers": layers} for kind in ("rnn", "lstm", "gru", "mingru") for layers in (1, 2)),
        *({"kind": "rmc", "num_heads": heads, "num_slots": slots} for heads, slots in ((2, 1), (1, 3))),
        *({"kind": "transformer", "num_heads": 4, "num_layers": layers} for layers in (1, 2)),
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)


def cell_and_inputs(settings: dict[str, Any], rows: int = 4) -> tuple[Cell, torch.Tensor, State]:
    """Make a cell of a kind, inputs [rows, 9, 5] and a first state that is not zero where the cell has such."""
    torch.manual_seed(1)
    cell = cell_maker(**{"hidden_dim": 8, **settings})(5)
    inputs, values = torch.randn(rows, 9, 5), torch.rand(rows, cell.state_dim) * 2 - 1
    return cell, inputs, cell.state_from(values) if cell.state_dim else cell.zero_state(rows)


def stepped(cell: Cell, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    outputs = []
    for inputs_of_step in inputs.unbind(1):
        output, state = cell.step(inputs_of_step, state)
        outputs.append(output)
    return torch.stack(outputs, dim=1), state


def close(found: tuple[torch.Tensor, State], expected: tuple[torch.Tensor, State], atol: float = 1e-5) -> None:
    torch.testing.assert_close(found[0], expected[0], rtol=0, atol=atol)
    torch.testing.assert_close(found[1], expected[1], rtol=0, atol=atol)


@CELLS
def test_scan_equals_step(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    close(stepped(cell, inputs, state), cell.scan(inputs, state))


@CELLS
def test_scan_goes_on_from_the_state_of_an_earlier_scan(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    first, between = cell.scan(inputs[:, :4], state)
    second, last = cell.scan(inputs[:, 4:], between)
    close((torch.cat([first, second], dim=1), last), cell.scan(inputs, state))


@CELLS
def test_gradients_of_scan_and_of_step_are_equal(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    weights = torch.randn(4, 9, cell.hidden_dim)
    found, expected = (
        torch.autograd.grad((way(inputs, state)[0] * weights).sum(), list(cell.parameters()))
        for way in (lambda *given: stepped(cell, *given), cell.scan)
    )
    for name, one, other in zip(dict(cell.named_parameters()), found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4, msg=name)
        assert other.abs().max() > 0, name


@CELLS
def test_rows_are_independent_and_a_state_gives_up_its_rows(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    _, between = cell.scan(inputs[:, :4], state)
    expected, _ = stepped(cell, inputs[:, 4:], between)
    index = torch.tensor([2, 0, 2])
    found, _ = stepped(cell, inputs[index, 4:], tuple(part[:, index] for part in between))
    torch.testing.assert_close(found, expected[index], rtol=0, atol=1e-5)


@CELLS
def test_outputs_keep_within_their_bound(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    outputs, _ = cell.scan(100 * inputs, state)
    assert outputs.shape == (4, 9, cell.hidden_dim)
    assert cell.output_bound is None or outputs.abs().max() <= cell.output_bound


@CELLS
def test_the_input_product_falls_into_parts_and_a_table(settings: dict[str, Any]) -> None:
    cell, inputs, state = cell_and_inputs(settings)
    vectors, tokens = inputs[0], torch.tensor([3, 0, 8, 3])
    found, _ = cell.step_projected(cell.project(vectors)[tokens], state)
    torch.testing.assert_close(found, cell.step(vectors[tokens], state)[0], rtol=0, atol=1e-5)
    (first, bias), (rest, _) = cell.input_weights(slice(2)), cell.input_weights(slice(2, None))
    parts = vectors[:, :2] @ first.T + vectors[:, 2:] @ rest.T + bias
    torch.testing.assert_close(parts, cell.project(vectors), rtol=0, atol=1e-5)


@CELLS
def test_a_context_sets_the_first_state(settings: dict[str, Any]) -> None:
    cell, inputs, _ = cell_and_inputs(settings)
    if not cell.state_dim:
        pytest.skip("this cell meets its context in its inputs alone")
    states = [first_state(cell, torch.randn(4, 3), torch.nn.Linear(3, cell.state_dim)) for _ in range(2)]
    assert [part.shape for part in states[0]] == [part.shape for part in cell.zero_state(4)]
    first, second = (cell.scan(inputs, state)[0] for state in states)
    assert (first - second).abs().amax((1, 2)).min() > 1e-3


@RECURRENT
def test_the_zero_state_is_what_the_network_starts_from(kind: CellKind) -> None:
    torch.manual_seed(1)
    cell, inputs = RecurrentCell(kind, 5, 7, 2), torch.randn(4, 9, 5)
    torch.testing.assert_close(cell.scan(inputs, cell.zero_state(4))[0], cell.network(inputs)[0])


@RECURRENT
@pytest.mark.parametrize("way", ["scan", "step"])
def test_double_backward(kind: CellKind, way: str) -> None:
    cell, inputs, state = cell_and_inputs({"kind": kind, "num_layers": 2}, rows=2)
    cell, inputs = cell.double(), inputs[:, :2].double().requires_grad_(True)
    state = tuple(part.double() for part in state)

    def run(values: torch.Tensor) -> torch.Tensor:
        return cell.scan(values, state)[0] if way == "scan" else cell.step(values[:, 0], state)[0]

    assert torch.autograd.gradgradcheck(run, (inputs,))
