"""Scores of a classifier's probabilities, where they are known."""

from __future__ import annotations

import math

import pytest
import torch

from seqgan_toolkit.metrics.clips.cells import cell_measurements
from seqgan_toolkit.metrics.clips.inception import (
    am_score,
    inception_measurements,
    inception_score,
    modified_inception_score,
)


def sure_of(labels: torch.Tensor, num_labels: int, doubt: float) -> torch.Tensor:
    """Log-probabilities that give `doubt` to each other label."""
    probabilities = torch.full((len(labels), num_labels), doubt, dtype=torch.float64)
    probabilities[torch.arange(len(labels)), labels] = 1 - doubt * (num_labels - 1)
    return probabilities.log()


def test_all_labels_in_turn_for_sure_are_as_many_as_there_are() -> None:
    log_p = sure_of(torch.arange(50) % 5, 5, 1e-12)
    assert inception_score(log_p) == pytest.approx(5)
    assert am_score(log_p, torch.full((5,), 0.2)) == pytest.approx(0, abs=1e-6)


def test_a_collapse_and_a_shrug_have_one() -> None:
    collapsed, shrug = sure_of(torch.zeros(50, dtype=torch.int64), 5, 1e-12), torch.full((50, 5), 0.2).log()
    for log_p in (collapsed, shrug):
        assert inception_score(log_p) == pytest.approx(1)
        assert modified_inception_score(log_p) == pytest.approx(1)
        assert am_score(log_p, torch.full((5,), 0.2)) >= math.log(5) - 1e-6


def test_the_modified_score_is_the_mean_over_pairs() -> None:
    log_p = torch.randn(7, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64).log_softmax(1)
    pairs = [float((one.exp() * (one - other)).sum()) for one in log_p for other in log_p]
    assert modified_inception_score(log_p) == pytest.approx(math.exp(sum(pairs) / 49))


def test_am_score_knows_the_shares_of_the_data() -> None:
    log_p, shares = sure_of(torch.tensor([0, 0, 0, 1]), 2, 1e-12), torch.tensor([0.5, 0.5])
    expected = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert am_score(log_p, shares) == pytest.approx(expected, abs=1e-6)
    assert am_score(log_p, torch.tensor([0.75, 0.25])) == pytest.approx(0, abs=1e-6)


def test_intervals_hold_the_score() -> None:
    log_p = sure_of(torch.randint(4, (200,), generator=torch.Generator().manual_seed(0)), 4, 0.02)
    for measured in inception_measurements(log_p, torch.full((4,), 0.25)).values():
        low, high = measured.interval
        assert low <= measured.value <= high


def test_an_empty_cell_and_a_rare_one() -> None:
    shares = torch.tensor([0.25, 0.25, 0.25, 0.25, 0.0], dtype=torch.float64)
    heard = torch.tensor([0] * 50 + [1] * 40 + [2] * 8 + [-1] * 2)
    measured = cell_measurements(heard, shares)
    assert measured["empty_cells"].value == 1, "the last label is in no training clip"
    assert measured["smallest_cell"].value == 0
    full = cell_measurements(torch.cat([heard, torch.tensor([3] * 100)]), shares)
    assert full["empty_cells"].value == 0
    assert full["smallest_cell"].value == pytest.approx(8 / 200 / 0.25)
