"""The distance of two distributions over labels."""

from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.metrics.histogram import label_histogram_distance, total_variation


def test_total_variation_is_the_mass_that_would_have_to_move() -> None:
    assert total_variation(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 2]), 3) == 0.25
    assert total_variation(torch.tensor([0, 1]), torch.tensor([1, 0, 0, 1]), 2) == 0
    assert total_variation(torch.tensor([0, 1]), torch.tensor([2]), 3) == 1


def test_labels_asked_for_count_before_those_of_real_data() -> None:
    found, asked, real = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 0, 1, 1]), torch.tensor([1, 1])
    assert label_histogram_distance(found, asked, real, 2).value == 0.25
    assert label_histogram_distance(found, None, real, 2).value == 0.75


def test_interval_is_that_of_the_shares() -> None:
    found = torch.randperm(600, generator=torch.Generator().manual_seed(0)) % 2
    low, high = label_histogram_distance(found, None, torch.tensor([0, 0, 0, 1]), 2).interval
    assert low == pytest.approx(0.25 - 1.96 * (0.25 / 600) ** 0.5, abs=0.03)
    assert high == pytest.approx(0.25 + 1.96 * (0.25 / 600) ** 0.5, abs=0.03)
