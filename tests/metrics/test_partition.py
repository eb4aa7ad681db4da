from __future__ import annotations

import math

import pytest
import torch

from seqgan_toolkit.metrics.text.partition import log_partition

TILTS = torch.tensor([-1.0, 0.5, 2.0], dtype=torch.float64)
SHARES = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
EXACT = float((SHARES @ TILTS.exp()).log())


def drawn(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return TILTS[torch.multinomial(SHARES, count, replacement=True, generator=generator)]


def test_the_bounds_are_in_expectation_on_both_sides_of_the_truth() -> None:
    found = [log_partition(drawn(20, seed)) for seed in range(4000)]
    for side, bound in ((-1, [one.lower for one in found]), (1, [one.upper for one in found])):
        values = torch.tensor(bound, dtype=torch.float64)
        error = float(values.std()) / len(values) ** 0.5
        assert side * (float(values.mean()) - EXACT) > 3 * error


def test_the_bounds_meet_as_the_sample_grows() -> None:
    small, large = log_partition(drawn(100, 1)), log_partition(drawn(100_000, 1))
    assert 0 < large.upper - large.lower < (small.upper - small.lower) / 100
    assert abs(large.lower - EXACT) < 4 * large.standard_error


def test_the_upper_bound_is_the_one_of_the_paper() -> None:
    tilts = drawn(7, 3)
    whole = float(tilts.exp().mean().log())
    without = [float(tilts[[other for other in range(7) if other != one]].exp().mean().log()) for one in range(7)]
    expected = 13 * whole - 12 * sum(without) / 7
    found = log_partition(tilts)
    assert found.upper == pytest.approx(expected, abs=1e-12)
    assert found.lower == pytest.approx(whole, abs=1e-12)


def test_the_standard_error_is_that_of_many_samples() -> None:
    found = [log_partition(drawn(400, seed)) for seed in range(1000)]
    spread = float(torch.tensor([one.lower for one in found]).std())
    assert sum(one.standard_error for one in found) / 1000 == pytest.approx(spread, rel=0.1)


def test_one_sample_that_outweighs_all_others_shows() -> None:
    found = log_partition(torch.tensor([40.0] + [0.0] * 999))
    assert found.effective_share == pytest.approx(1 / 1000)
    assert math.isfinite(found.upper)
    assert log_partition(torch.full((1000,), 3.0)).effective_share == pytest.approx(1.0)
