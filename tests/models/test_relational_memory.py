from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.models.cells import RelationalMemory


def written_out(cell: RelationalMemory, inputs: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
    """One step for one row: inputs [I] and memory [S, D] to the next memory, in the order of the paper."""
    entered = cell.enter(inputs)
    both = torch.cat([memory, entered[None]])
    queries, keys, values = (
        part.reshape(len(both), cell.num_heads, -1).transpose(0, 1)
        for part in cell.attend_norm(cell.attend(both)).chunk(3, dim=-1)
    )
    read = functional.scaled_dot_product_attention(queries, keys, values).transpose(0, 1).flatten(1)[: len(memory)]
    attended = cell.read_norm(memory + read)
    processed = cell.process_norm(attended + cell.process(attended))
    entry, forget = (cell.input_gates(entered) + cell.memory_gates(torch.tanh(memory))).chunk(2, dim=-1)
    return torch.sigmoid(entry) * torch.tanh(processed) + torch.sigmoid(forget) * memory


@pytest.mark.parametrize(("num_heads", "num_slots"), [(2, 1), (4, 3)])
def test_a_step_is_that_of_the_paper(num_heads: int, num_slots: int) -> None:
    torch.manual_seed(1)
    cell = RelationalMemory(5, 8, num_heads=num_heads, num_slots=num_slots)
    inputs, memory = torch.randn(3, 5), torch.randn(num_slots, 3, 8)
    output, (found,) = cell.step(inputs, (memory,))
    for row in range(3):
        expected = written_out(cell, inputs[row], memory[:, row])
        torch.testing.assert_close(found[:, row], expected, rtol=0, atol=1e-5)
        torch.testing.assert_close(output[row], expected.flatten(), rtol=0, atol=1e-5)


def test_it_starts_by_remembering_with_slots_that_differ() -> None:
    torch.manual_seed(1)
    cell = RelationalMemory(5, 64, num_heads=2, num_slots=3)
    entry, forget = torch.sigmoid(cell.input_gates(torch.zeros(64))).detach().chunk(2)
    assert float(forget.mean()) == pytest.approx(torch.tensor(1.0).sigmoid().item(), abs=0.02)
    assert float(entry.mean()) == pytest.approx(0.5, abs=0.02)
    (memory,) = cell.zero_state(2)
    assert torch.equal(memory[:, 1, :3], torch.eye(3))
