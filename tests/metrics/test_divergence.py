from __future__ import annotations

import math

import pytest
import torch

from seqgan_toolkit.metrics.text.divergence import jensen_shannon
from seqgan_toolkit.metrics.text.partition import log_partition
from seqgan_toolkit.metrics.text.residual import residual_nll


def exact(p: torch.Tensor, q: torch.Tensor) -> float:
    middle = (p + q) / 2
    return float((torch.xlogy(p, p / middle) + torch.xlogy(q, q / middle)).sum() / 2)


def measured(p: torch.Tensor, q: torch.Tensor, count: int, seed: int = 1) -> tuple[float, tuple[float, float]]:
    generator = torch.Generator().manual_seed(seed)
    of_p, of_q = (torch.multinomial(shares, count, replacement=True, generator=generator) for shares in (p, q))
    found = jensen_shannon(p[of_p].log(), q[of_p].log(), int((p[of_q] == 0).sum()), count)
    assert found.value is not None
    assert found.interval is not None
    return found.value, found.interval


P = torch.tensor([0.4, 0.3, 0.2, 0.1, 0.0], dtype=torch.float64)
Q = torch.tensor([0.1, 0.2, 0.3, 0.3, 0.1], dtype=torch.float64)


def test_the_estimate_is_the_sum_over_all_sequences() -> None:
    value, _ = measured(P, Q, 1_000_000)
    assert value == pytest.approx(exact(P, Q), abs=1e-3)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(400):
        _, (low, high) = measured(P, Q, 500, seed)
        inside += low <= exact(P, Q) <= high
    assert 365 <= inside <= 395


def test_a_distribution_does_not_differ_from_itself() -> None:
    value, (low, high) = measured(P, P, 100)
    assert value == pytest.approx(0.0, abs=1e-12)
    assert low == pytest.approx(high, abs=1e-12)


def test_of_one_sequence_there_is_no_divergence() -> None:
    assert jensen_shannon(torch.zeros(1), torch.zeros(1), 0, 10).value is None


def test_what_cannot_occur_is_as_far_as_it_gets() -> None:
    truth = torch.zeros(10, dtype=torch.float64)
    found = jensen_shannon(truth, torch.full_like(truth, -math.inf), 50, 50)
    assert found.value == pytest.approx(math.log(2))


def test_a_tilt_that_is_the_whole_difference_leaves_no_divergence() -> None:
    generator = torch.Generator().manual_seed(1)
    of_p, of_q = (torch.multinomial(shares, 50_000, replacement=True, generator=generator) for shares in (P, Q))
    tilts = (P / Q).log() + 0.7
    nll = residual_nll(-Q[of_p].log(), tilts[of_p], log_partition(tilts[of_q]))
    chosen = torch.multinomial(torch.softmax(tilts[of_q], 0), 5000, replacement=True, generator=generator)
    found = jensen_shannon(P[of_p].log(), -nll, int((P[of_q[chosen]] == 0).sum()), 5000)
    assert found.value == pytest.approx(0, abs=1e-4)
    assert measured(P, Q, 50_000)[0] > 0.1
