from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.models.cells import MinGRU
from seqgan_toolkit.models.cells.mingru import decaying_sum, doubling


@pytest.mark.parametrize("low", [0.0, 0.9])
@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
@pytest.mark.parametrize("summed", [decaying_sum, doubling])
def test_a_decaying_sum_is_that_of_a_loop_in_double(
    summed: Callable[..., torch.Tensor], steps: int, low: float
) -> None:
    stream = torch.Generator().manual_seed(steps)
    decay = low + (1 - low) * torch.rand(2, steps, 3, generator=stream)
    # Gates that are shut and wide open are where logarithms and quotients of decays would fail.
    decay[0, ::5], decay[1, ::5] = 0.0, 1.0
    entry, first = torch.randn(2, steps, 3, generator=stream), torch.randn(2, 3, generator=stream)
    state, expected = first.double(), []
    for step in range(steps):
        state = decay[:, step].double() * state + entry[:, step].double()
        expected.append(state)
    torch.testing.assert_close(summed(decay, entry, first).double(), torch.stack(expected, dim=1), rtol=1e-5, atol=1e-5)


def test_a_decaying_sum_is_differentiable_twice() -> None:
    stream = torch.Generator().manual_seed(1)
    decay = torch.rand(2, 5, 3, generator=stream, dtype=torch.float64, requires_grad=True)
    entry = torch.randn(2, 5, 3, generator=stream, dtype=torch.float64, requires_grad=True)
    first = torch.randn(2, 3, generator=stream, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(decaying_sum, (decay, entry, first))
    assert torch.autograd.gradgradcheck(decaying_sum, (decay, entry, first))


def test_long_sequences_equal_their_steps() -> None:
    torch.manual_seed(1)
    cell, inputs = MinGRU(3, 5, num_layers=2), 3 * torch.randn(2, 1000, 3)
    state = cell.zero_state(2)
    outputs, _ = cell.scan(inputs, state)
    for step in range(1000):
        output, state = cell.step(inputs[:, step], state)
        torch.testing.assert_close(output, outputs[:, step], rtol=0, atol=1e-5)
