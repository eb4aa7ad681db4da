from __future__ import annotations

import math

import pytest
import torch

from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.losses import LOSSES, masked_mean


def verdict(*rows: list[float], kept: list[list[bool]] | None = None) -> Verdict:
    scores = torch.tensor(rows)
    mask = torch.ones_like(scores, dtype=torch.bool) if kept is None else torch.tensor(kept)
    return Verdict(scores, mask, torch.zeros(len(scores), 1))


def sp(value: float) -> float:
    return math.log1p(math.exp(value))


REAL, FAKE = verdict([1.0], [-0.5]), verdict([0.25], [2.0])


@pytest.mark.parametrize(
    ("kind", "discriminator", "generator"),
    [
        (
            "non_saturating",
            (sp(-1) + sp(0.5)) / 2 + (sp(0.25) + sp(2)) / 2,
            (sp(-0.25) + sp(-2)) / 2,
        ),
        ("relativistic_pairing", (sp(-0.75) + sp(2.5)) / 2, (sp(0.75) + sp(-2.5)) / 2),
    ],
)
def test_closed_form(kind: str, discriminator: float, generator: float) -> None:
    loss = LOSSES[kind]
    assert float(loss.discriminator(REAL, FAKE)) == pytest.approx(discriminator)
    assert float(loss.generator(REAL, FAKE)) == pytest.approx(generator)


@pytest.mark.parametrize("kind", LOSSES)
def test_each_side_pulls_its_own_way(kind: str) -> None:
    real, fake = (torch.zeros(3, 1, requires_grad=True) for _ in range(2))
    mask, features = torch.ones(3, 1, dtype=torch.bool), torch.zeros(3, 1)
    verdicts = Verdict(real, mask, features), Verdict(fake, mask, features)
    for_real, for_fake = torch.autograd.grad(LOSSES[kind].discriminator(*verdicts), (real, fake))
    assert (for_real < 0).all()
    assert (for_fake > 0).all()
    (pulled,) = torch.autograd.grad(LOSSES[kind].generator(*verdicts), fake)
    assert (pulled < 0).all()


def test_scores_outside_the_mask_do_not_count() -> None:
    kept = [[True, False], [True, True]]
    first, second = (verdict([1.0, away], [2.0, 4.0], kept=kept) for away in (0.0, 99.0))
    for loss in LOSSES.values():
        assert loss.discriminator(first, second) == loss.discriminator(first, first)
        assert loss.generator(first, second) == loss.generator(first, first)


def test_pairs_compare_the_steps_that_both_have() -> None:
    real = verdict([1.0, 2.0, 9.0], kept=[[True, True, True]])
    fake = verdict([0.0, 4.0], kept=[[True, True]])
    expected = (sp(-1.0) + sp(2.0)) / 2
    assert float(LOSSES["relativistic_pairing"].discriminator(real, fake)) == pytest.approx(expected)


def test_every_sequence_counts_the_same() -> None:
    values, mask = torch.tensor([[6.0, 99.0], [1.0, 3.0]]), torch.tensor([[True, False], [True, True]])
    assert float(masked_mean(values, mask)) == 4.0
    halves = [masked_mean(values[row : row + 1], mask[row : row + 1]) for row in (0, 1)]
    assert float(sum(halves)) / 2 == 4.0
