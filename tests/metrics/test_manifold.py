"""Precision, recall, density and coverage on clouds whose answer is known."""

from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.metrics.manifold import Manifold, squared_radii


def cloud(rows: int, centre: float, seed: int) -> torch.Tensor:
    return torch.randn(rows, 2, generator=torch.Generator().manual_seed(seed)) + torch.tensor([centre, 0.0])


def values(samples: torch.Tensor, real: torch.Tensor) -> dict[str, float]:
    return {name: found.value for name, found in Manifold.of(samples, real).measurements("").items()}


def test_radii_are_of_other_points() -> None:
    points = torch.tensor([[0.0], [1.0], [3.0], [7.0], [15.0], [31.0]]).double()
    nearest, third = squared_radii(points, (1, 3))
    assert nearest.sqrt().tolist() == [1, 1, 2, 4, 8, 16]
    assert third.sqrt().tolist() == [7, 6, 4, 7, 14, 28]


def test_one_law_reaches_all_of_itself() -> None:
    found = values(cloud(600, 0, 1), cloud(600, 0, 2))
    assert found["precision"] > 0.9
    assert found["recall"] > 0.9
    assert found["density"] == pytest.approx(1, abs=0.1)  # 1 in expectation (Naeem et al., section 3.2.1)
    assert found["coverage"] == pytest.approx(1 - 0.5**5, abs=0.03)  # the same, lemma 2


def test_far_clouds_share_nothing() -> None:
    assert values(cloud(50, 0, 1), cloud(60, 100, 2)) == dict.fromkeys(
        ("precision", "recall", "density", "coverage"), 0
    )


def test_half_of_two_clusters_is_precise_and_not_complete() -> None:
    real = torch.cat([cloud(300, 0, 1), cloud(300, 100, 2)])
    found = values(cloud(600, 0, 3), real)
    assert found["precision"] > 0.9
    assert found["recall"] == pytest.approx(0.5, abs=0.05)
    assert found["coverage"] == pytest.approx(0.5, abs=0.03)
    turned = values(real, cloud(600, 0, 3))
    assert turned["precision"] == pytest.approx(0.5, abs=0.05)
    assert turned["recall"] > 0.9


def test_an_outlier_among_real_data_lifts_precision_but_hardly_density() -> None:
    real = torch.cat([cloud(300, 0, 1), torch.tensor([[1000.0, 0.0]])])
    found = values(cloud(300, 500, 2), real)
    assert found["precision"] == 1
    assert found["density"] == pytest.approx(1 / 5)


def test_blocks_change_nothing() -> None:
    large = Manifold.of(cloud(1500, 0, 1), cloud(1200, 0.5, 2))
    squared = torch.cdist(cloud(1500, 0, 1).double(), cloud(1200, 0.5, 2).double()).square()
    (radii,) = squared_radii(cloud(1200, 0.5, 2).double(), (5,))
    torch.testing.assert_close(large.dense, (squared <= radii).double().sum(1) / 5)
    assert torch.equal(large.covered, (squared <= radii).any(0))
