"""Adversarial losses on scores, a table of two functions each.

Legend: d(x) is a score, sp is softplus; a loss is the mean over sequences of the mean over each one's scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import softplus

from seqgan_toolkit.models.discriminator import Verdict

Loss = Callable[[Verdict, Verdict], torch.Tensor]


@dataclass(frozen=True)
class AdversarialLoss:
    """A game: what the discriminator and the generator minimise, given the verdicts on real and generated."""

    discriminator: Loss
    generator: Loss


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean over sequences of the mean of values [B, S] where mask [B, S] is true.

    A mean over all steps at once would count long sequences more, and differ between one process and many.
    """
    return ((values * mask).sum(1) / mask.sum(1)).mean()


def _non_saturating_discriminator(real: Verdict, fake: Verdict) -> torch.Tensor:
    return masked_mean(softplus(-real.scores), real.mask) + masked_mean(softplus(fake.scores), fake.mask)


def _non_saturating_generator(real: Verdict, fake: Verdict) -> torch.Tensor:
    return masked_mean(softplus(-fake.scores), fake.mask)


def _paired(better: Verdict, worse: Verdict) -> torch.Tensor:
    # Sequences of a pair may differ in length: the steps that both have are compared.
    steps = min(better.scores.shape[1], worse.scores.shape[1])
    difference = better.scores[:, :steps] - worse.scores[:, :steps]
    return masked_mean(softplus(-difference), better.mask[:, :steps] & worse.mask[:, :steps])


LOSSES = {
    # Goodfellow et al. 2014, the form of the generator's loss that keeps its gradient.
    "non_saturating": AdversarialLoss(_non_saturating_discriminator, _non_saturating_generator),
    # Jolicoeur-Martineau 2018 (RSGAN), Huang et al. 2024 (RpGAN): each real sequence against one generated
    # sequence of the same label.
    "relativistic_pairing": AdversarialLoss(
        lambda real, fake: _paired(real, fake), lambda real, fake: _paired(fake, real)
    ),
}
