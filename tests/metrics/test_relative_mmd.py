"""The relative MMD test: symmetric, true to its level, and it sees which of two samples is nearer."""

from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.metrics.frames.relative_mmd import relative_mmd_p
from seqgan_toolkit.metrics.mmd import rbf_kernels


def normal(rows: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(rows, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def p_value(samples: torch.Tensor, training: torch.Tensor, held_out: torch.Tensor) -> float:
    value = relative_mmd_p(samples, training, held_out, (0.5, 2.0)).value
    assert value is not None
    return value


def test_samples_near_the_training_data_are_told() -> None:
    training, held_out = normal(80, 1), normal(80, 2, shift=1.0)
    assert p_value(normal(80, 3), training, held_out) < 0.01
    assert p_value(normal(80, 3, shift=1.0), training, held_out) > 0.99


def test_roles_changed_give_the_other_tail() -> None:
    samples, one, other = normal(50, 1, shift=0.3), normal(50, 2), normal(50, 3)
    assert p_value(samples, one, other) + p_value(samples, other, one) == pytest.approx(1)
    assert p_value(samples, one, one) == 0.5


def test_the_difference_is_that_of_two_mmds() -> None:
    samples, training, held_out = normal(300, 1), normal(300, 2, shift=1.0), normal(300, 3, shift=2.0)
    said = float(relative_mmd_p(samples, training, held_out, (1.0,)).note.split(": ")[1].split(",")[0])
    to_held_out, to_training = (rbf_kernels(samples, one, (1.0,)).value() for one in (held_out, training))
    # They differ by the N of N^2 pairs in which a sample meets the sequence of its own number.
    assert said == pytest.approx(to_held_out - to_training, abs=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_nothing_is_told_where_nothing_was_learnt_by_heart(shift: float) -> None:
    """Training and held-out data of one law, and samples of it or of another: five of a hundred are below .05."""
    found = [p_value(normal(30, seed, shift), normal(30, seed + 1000), normal(30, seed + 2000)) for seed in range(300)]
    values = torch.tensor(found)
    assert (values < 0.05).double().mean() < 0.1
    assert float(values.mean()) == pytest.approx(0.5, abs=0.06)


def test_copies_are_told_by_a_narrow_kernel() -> None:
    training = normal(100, 1)
    value = relative_mmd_p(training.flip(0), training, normal(100, 2), (0.05,)).value
    assert value is not None
    assert value < 0.05
