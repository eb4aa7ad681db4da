"""The area under the ROC curve where it is known."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from seqgan_toolkit.metrics.frames.attack import attack_auc


def test_area_is_the_share_of_pairs_in_order_and_ties_count_half() -> None:
    members, others = torch.tensor([1.0, 2.0, 2.0, 5.0]), torch.tensor([0.0, 2.0, 3.0])
    pairs = [(m > o) + 0.5 * (m == o) for m, o in product(members.tolist(), others.tolist())]
    assert attack_auc(members, others).value == pytest.approx(sum(pairs) / 12)


def test_scores_apart_and_scores_alike() -> None:
    low, high = torch.arange(10.0), torch.arange(10.0) + 20
    assert attack_auc(high, low).value == 1
    assert attack_auc(low, high).value == 0
    assert attack_auc(low, low).value == 0.5


def test_interval_has_the_width_of_fresh_draws() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = [
        attack_auc(torch.randn(100, generator=generator) + 0.7, torch.randn(150, generator=generator))
        for _ in range(200)
    ]
    spread = float(torch.tensor([one.value for one in drawn]).std())
    widths = torch.tensor([one.interval[1] - one.interval[0] for one in drawn])
    assert float(widths.mean()) / 2 / 1.96 == pytest.approx(spread, rel=0.15)
