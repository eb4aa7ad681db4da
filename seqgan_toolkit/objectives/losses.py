"""Adversarial losses on scores, a table of two functions each.

Legend: d(x) is a score, sp is softplus, D(x) = sigmoid(d(x)); a loss is the mean over sequences of the mean over each
one's scores, of its heads, steps or representations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import relu, softplus

from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.whole_batch import whole_batch

Loss = Callable[[Verdict, Verdict], torch.Tensor]


@dataclass(frozen=True)
class AdversarialLoss:
    """A game: what the discriminator and the generator minimise, given the verdicts on real and generated."""

    discriminator: Loss
    generator: Loss


def sequence_means(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean [B] of each sequence's values [B, S] where mask [B, S] is true, or weighted by it."""
    return (values * mask).sum(1) / mask.sum(1)


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean over sequences of the mean of values [B, S] where mask [B, S] is true.

    A mean over all steps at once would count long sequences more, and differ between one process and many.
    """
    return sequence_means(values, mask).mean()


def summed(first: Loss, second: Loss) -> Loss:
    """Return the sum of two losses."""
    return lambda real, fake: first(real, fake) + second(real, fake)


ScoreLoss = Callable[[torch.Tensor], torch.Tensor]


def _apart(on_real: ScoreLoss, on_fake: ScoreLoss) -> Loss:
    """Return the sum of one function of real and one of generated scores."""
    return lambda real, fake: (
        masked_mean(on_real(real.scores), real.mask) + masked_mean(on_fake(fake.scores), fake.mask)
    )


def _fake_only(on_fake: ScoreLoss) -> Loss:
    return lambda real, fake: masked_mean(on_fake(fake.scores), fake.mask)


def _paired(better: Verdict, worse: Verdict) -> torch.Tensor:
    # Sequences of a pair may differ in length: the steps that both have are compared.
    steps = min(better.scores.shape[1], worse.scores.shape[1])
    difference = better.scores[:, :steps] - worse.scores[:, :steps]
    return masked_mean(softplus(-difference), torch.minimum(better.mask[:, :steps], worse.mask[:, :steps]))


def _against_average(better: Verdict, worse: Verdict) -> torch.Tensor:
    # The averages are those of the batch of all processes together.
    average_better, average_worse = (
        whole_batch(sequence_means(verdict.scores, verdict.mask)).mean() for verdict in (better, worse)
    )
    return masked_mean(softplus(average_worse - better.scores), better.mask) + masked_mean(
        softplus(worse.scores - average_better), worse.mask
    )


def _jensen_shannon(real: Verdict, fake: Verdict) -> torch.Tensor:
    return math.log(2) - _LOGISTIC(real, fake) / 2


_LOGISTIC = _apart(lambda scores: softplus(-scores), softplus)

LOSSES = {
    # Goodfellow et al. 2014, the form of the generator's loss that keeps its gradient.
    "non_saturating": AdversarialLoss(_LOGISTIC, _fake_only(lambda scores: softplus(-scores))),
    # Goodfellow et al. 2014, equation 1, the game itself: both sides play for one value,
    # log 2 + (mean log D(real) + mean log(1 - D(fake))) / 2. With the best discriminator it is the Jensen-Shannon
    # divergence in nats. Its gradient fades where the discriminator is sure.
    "jensen_shannon": AdversarialLoss(_LOGISTIC, _jensen_shannon),
    # Mao et al. 2017 (LSGAN), targets 1 for real, 0 for generated, and 1 for the generator.
    "least_squares": AdversarialLoss(
        _apart(lambda scores: (scores - 1).square(), torch.square), _fake_only(lambda scores: (scores - 1).square())
    ),
    # Lim & Ye 2017.
    "hinge": AdversarialLoss(
        _apart(lambda scores: relu(1 - scores), lambda scores: relu(1 + scores)), _fake_only(torch.neg)
    ),
    # Arjovsky et al. 2017; the discriminator's slope must be bounded, by a penalty or by spectral norm.
    "wasserstein": AdversarialLoss(_apart(torch.neg, torch.clone), _fake_only(torch.neg)),
    # Jolicoeur-Martineau 2018 (RSGAN), Huang et al. 2024 (RpGAN): each real sequence against one generated
    # sequence of the same label.
    "relativistic_pairing": AdversarialLoss(
        lambda real, fake: _paired(real, fake), lambda real, fake: _paired(fake, real)
    ),
    # Jolicoeur-Martineau 2018 (RaSGAN): each sequence against the average of the other side's scores.
    "relativistic_average": AdversarialLoss(
        lambda real, fake: _against_average(real, fake), lambda real, fake: _against_average(fake, real)
    ),
}
