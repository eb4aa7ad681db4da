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
        (
            "jensen_shannon",
            (sp(-1) + sp(0.5)) / 2 + (sp(0.25) + sp(2)) / 2,
            math.log(2) - (sp(-1) + sp(0.5) + sp(0.25) + sp(2)) / 4,
        ),
        ("least_squares", (0 + 2.25) / 2 + (0.0625 + 4) / 2, (0.5625 + 1) / 2),
        ("hinge", (0 + 1.5) / 2 + (1.25 + 3) / 2, -2.25 / 2),
        ("wasserstein", -0.5 / 2 + 2.25 / 2, -2.25 / 2),
        ("relativistic_pairing", (sp(-0.75) + sp(2.5)) / 2, (sp(0.75) + sp(-2.5)) / 2),
        # The averages are .25 of the real and 1.125 of the generated ones.
        (
            "relativistic_average",
            (sp(0.125) + sp(1.625)) / 2 + (sp(0.0) + sp(1.75)) / 2,
            (sp(0.0) + sp(-1.75)) / 2 + (sp(-0.125) + sp(-1.625)) / 2,
        ),
    ],
)
def test_closed_form(kind: str, discriminator: float, generator: float) -> None:
    loss = LOSSES[kind]
    assert float(loss.discriminator(REAL, FAKE)) == pytest.approx(discriminator)
    assert float(loss.generator(REAL, FAKE)) == pytest.approx(generator)


@pytest.mark.parametrize("kind", LOSSES)
def test_each_side_pulls_its_own_way(kind: str) -> None:
    real, fake = (torch.full((3, 1), 0.5, requires_grad=True) for _ in range(2))
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


def weighted(scores: torch.Tensor, counts: list[int]) -> Verdict:
    repeated = scores.repeat_interleave(torch.tensor(counts))[:, None]
    return Verdict(repeated, torch.ones_like(repeated, dtype=torch.bool), repeated)


P, Q = [5, 3, 2], [1, 4, 5]
"""Real and generated sequences of three kinds, in tenths."""


def kullback_leibler(first: list[float], second: list[float]) -> float:
    return sum(p * math.log(p / q) for p, q in zip(first, second, strict=True)) / 10


@pytest.mark.parametrize("kind", ["jensen_shannon", "non_saturating"])
def test_the_best_discriminator_measures_the_jensen_shannon_divergence(kind: str) -> None:
    middle = [(p + q) / 2 for p, q in zip(P, Q, strict=True)]
    divergence = (kullback_leibler(P, middle) + kullback_leibler(Q, middle)) / 2
    best = (torch.tensor(P) / torch.tensor(Q)).log().requires_grad_(True)
    loss = LOSSES[kind].discriminator(weighted(best, P), weighted(best, Q))
    assert float(loss.detach()) == pytest.approx(2 * math.log(2) - 2 * divergence)
    (gradient,) = torch.autograd.grad(loss, best)
    torch.testing.assert_close(gradient, torch.zeros(3), rtol=0, atol=1e-6)
    value = LOSSES["jensen_shannon"].generator(weighted(best, P), weighted(best, Q))
    assert float(value.detach()) == pytest.approx(divergence)


def test_the_best_discriminator_of_least_squares_is_the_share_of_real() -> None:
    share = torch.tensor(P) / (torch.tensor(P) + torch.tensor(Q))
    best = share.requires_grad_(True)
    (gradient,) = torch.autograd.grad(LOSSES["least_squares"].discriminator(weighted(best, P), weighted(best, Q)), best)
    torch.testing.assert_close(gradient, torch.zeros(3), rtol=0, atol=1e-6)


def test_the_best_discriminator_of_hinge_measures_the_total_variation() -> None:
    best = (torch.tensor(P) - torch.tensor(Q)).sign().float()
    variation = sum(abs(p - q) for p, q in zip(P, Q, strict=True)) / 20
    assert float(LOSSES["hinge"].discriminator(weighted(best, P), weighted(best, Q))) == pytest.approx(
        2 - 2 * variation
    )


def test_the_minimax_form_fades_where_the_discriminator_is_sure() -> None:
    pulls = []
    for kind in ("jensen_shannon", "non_saturating"):
        fake = torch.full((2, 1), -8.0, requires_grad=True)
        verdicts = verdict([0.0], [0.0]), Verdict(fake, torch.ones(2, 1, dtype=torch.bool), torch.zeros(2, 1))
        pulls.append(float(torch.autograd.grad(LOSSES[kind].generator(*verdicts), fake)[0].abs().sum()))
    assert pulls[0] < 1e-3
    assert pulls[1] > 0.99


def test_every_sequence_counts_the_same() -> None:
    values, mask = torch.tensor([[6.0, 99.0], [1.0, 3.0]]), torch.tensor([[True, False], [True, True]])
    assert float(masked_mean(values, mask)) == 4.0
    halves = [masked_mean(values[row : row + 1], mask[row : row + 1]) for row in (0, 1)]
    assert float(sum(halves)) / 2 == 4.0
