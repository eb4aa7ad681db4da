"""MMD^2 in closed form, without bias, and with an interval that holds the truth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch

from seqgan_toolkit.metrics.frames.mmd_panel import choose_bandwidths
from seqgan_toolkit.metrics.mmd import Kernels, mmd2_measurement, polynomial_kernels, rbf_kernels

MakeKernels = Callable[[torch.Tensor, torch.Tensor], Kernels]


def narrow(points: torch.Tensor, others: torch.Tensor) -> Kernels:
    return rbf_kernels(points, others, (0.7,))


def normal(rows: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(rows, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def test_point_masses_have_the_closed_form() -> None:
    one, other = torch.tensor([[1.0, 2.0]]).expand(5, 2), torch.tensor([[2.0, 0.0]]).expand(4, 2)
    # k(a,a) + k(b,b) - 2 k(a,b) with (x.y/2 + 1)^3: 3.5^3, 3^3 and 2^3.
    assert polynomial_kernels(one, other).value() == pytest.approx(3.5**3 + 3**3 - 2 * 2**3)
    expected = 2 * (1 + 1) - 2 * (torch.exp(torch.tensor(-5 / 2)) + torch.exp(torch.tensor(-5 / 8)))
    assert rbf_kernels(one, other, (1.0, 2.0)).value() == pytest.approx(float(expected))


@pytest.mark.parametrize("kernels", [polynomial_kernels, narrow])
def test_expectation_over_all_draws_of_two_equal_laws_is_zero(kernels: MakeKernels) -> None:
    support = torch.tensor([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    draws = [torch.tensor(draw) for draw in product(range(3), repeat=2)]
    values = [kernels(support[one], support[other]).value() for one, other in product(draws, draws)]
    assert sum(values) / len(values) == pytest.approx(0, abs=1e-12)
    assert min(values) < 0 < max(values), "an estimate without bias is not 0 itself"


def test_interval_holds_zero_for_one_law_and_not_for_two() -> None:
    same = mmd2_measurement(narrow(normal(200, 1), normal(200, 2)), version=1, note="")
    assert same.interval[0] < 0 < same.interval[1]
    apart = mmd2_measurement(narrow(normal(200, 1), normal(200, 2, shift=1.0)), version=1, note="")
    assert apart.interval[0] > 0.03


@pytest.mark.parametrize(("shift", "kernels"), [(0.0, narrow), (1.0, narrow), (0.0, polynomial_kernels)])
def test_interval_has_the_width_of_fresh_draws(shift: float, kernels: MakeKernels) -> None:
    """With equal laws the order of the spread is another than with different ones."""
    drawn = [kernels(normal(60, seed), normal(60, seed + 1000, shift)) for seed in range(200)]
    spread = float(torch.tensor([one.value() for one in drawn]).std())
    expected = float(torch.tensor([one.variance() for one in drawn]).mean().sqrt())
    assert 0.8 * spread < expected < 1.5 * spread
    assert all(one.variance() > 0 for one in drawn)


def test_bandwidths_fit_the_scale_on_which_two_laws_differ() -> None:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randint(2, (150, 1), generator=generator).double() * 100
    other = torch.randint(2, (150, 1), generator=generator).double() * 100
    fine = torch.randn(150, 1, generator=generator).double()
    # Both have far clusters alike; within a cluster one is four times as wide.
    assert min(choose_bandwidths(coarse + fine, other + 4 * fine)) < 15
