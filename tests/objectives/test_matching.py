from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.matching import (
    BANDWIDTHS,
    make_matching,
    maximum_mean_discrepancy,
    mean_distance,
)


def points(rows: int, dim: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed))


def of_features(features: torch.Tensor) -> Verdict:
    return Verdict(features[:, :1], torch.ones(len(features), 1, dtype=torch.bool), features)


def test_distance_of_means_by_hand() -> None:
    real, fake = torch.tensor([[1.0, 0.0], [3.0, 2.0]]), torch.tensor([[0.0, 4.0], [0.0, 0.0]])
    assert float(mean_distance(real, fake)) == 2.0**2 + 1.0**2


def test_discrepancy_by_the_definition() -> None:
    real, fake = points(4, 3, 1), points(4, 3, 2) + 1
    pooled = torch.cat([real, fake])
    scale = sum(float((a - b).square().sum()) for a in pooled for b in pooled) / 56

    def kernel(a: torch.Tensor, b: torch.Tensor) -> float:
        squared = (a - b).square().sum()
        return sum(float((-squared / (2 * width * scale)).exp()) for width in BANDWIDTHS) / len(BANDWIDTHS)

    within = sum(kernel(side[i], side[j]) for side in (real, fake) for i in range(4) for j in range(4) if i != j) / 12
    across = sum(kernel(a, b) for a in real for b in fake) / 16
    assert float(maximum_mean_discrepancy(real, fake)) == pytest.approx(within - 2 * across, abs=1e-5)


def test_discrepancy_is_unbiased() -> None:
    # Zero in expectation where both come from one distribution, at a batch size where the biased estimator is not.
    values = torch.stack([maximum_mean_discrepancy(*points(8, 2, seed).chunk(2)) for seed in range(4000)])
    error = float(values.std()) / len(values) ** 0.5
    assert abs(float(values.mean())) < 3 * error
    assert error < 0.01
    assert float(maximum_mean_discrepancy(points(64, 2, 1), points(64, 2, 2) + 1)) > 0.1


@pytest.mark.parametrize("weights", [(5.0, 0.0), (0.0, 100.0)])
def test_matching_pulls_generated_features_to_real_ones(weights: tuple[float, float]) -> None:
    matching = make_matching(*weights)
    assert matching is not None
    real, moved = points(64, 3, 1), (points(64, 3, 2) + 2).requires_grad_(True)
    for _ in range(200):
        loss = matching(of_features(real), of_features(moved))
        (gradient,) = torch.autograd.grad(loss, moved)
        moved = (moved - gradient).detach().requires_grad_(True)
    assert float(mean_distance(real, moved).detach()) < 0.1


def test_discrepancy_sees_a_spread_that_the_means_do_not() -> None:
    real = points(64, 3, 1)
    narrow = real.mean(0) + 0.01 * (points(64, 3, 2) - points(64, 3, 2).mean(0))
    assert float(mean_distance(real, narrow)) < 1e-6
    assert float(maximum_mean_discrepancy(real, narrow)) > 0.1


def test_equal_features_have_a_finite_gradient() -> None:
    fake = torch.ones(4, 3, requires_grad=True)
    maximum_mean_discrepancy(torch.ones(4, 3), fake).backward()
    assert torch.isfinite(fake.grad).all()


def test_weights_add_up_and_zero_is_nothing() -> None:
    assert make_matching(0.0, 0.0) is None
    verdicts = of_features(points(5, 3, 1)), of_features(points(5, 3, 2))
    both, first, second = (make_matching(*weights) for weights in ((2.0, 3.0), (1.0, 0.0), (0.0, 1.0)))
    assert both is not None
    assert first is not None
    assert second is not None
    torch.testing.assert_close(both(*verdicts), 2 * first(*verdicts) + 3 * second(*verdicts))
