"""The energy of a residual model: a discriminator's score that tilts a generator's distribution."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.likelihood_ratio import LikelihoodRatio
from seqgan_toolkit.sequences import SequenceBatch

Scorer = Discriminator | LikelihoodRatio
"""What tells real sequences from generated ones by one score each."""


class ResidualEnergy(nn.Module):
    """The tilt of P(x) = G(x) exp(tilt(x)) / Z, tilt(x) = beta s(x) (Deng et al. 2020, equation 2).

    The best discriminator of real against generated sequences has the logit s(x) = log p(x) / G(x), so that P is the
    data's distribution at beta 1. Energies add: a tilt can be the sum of several.

    Args:
        discriminator: gives every sequence one score, its logit.
    """

    beta: torch.Tensor

    def __init__(self, discriminator: Scorer) -> None:
        super().__init__()
        self.discriminator = discriminator
        # Before it is calibrated it changes nothing.
        self.register_buffer("beta", torch.zeros(()))

    def forward(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the tilt of every sequence, float64 [B] in nats, without a gradient."""
        return self.beta.double() * sequence_scores(self.discriminator, batch.to(self.beta.device))


@torch.no_grad()
def sequence_scores(
    judge: Callable[[SequenceBatch], Verdict], batch: SequenceBatch, *, chunk: int = 1024
) -> torch.Tensor:
    """Return the score of every sequence, float64 [B], `chunk` sequences at a time and without a gradient."""
    parts = [batch.rows(slice(first, first + chunk)) for first in range(0, len(batch), chunk)]
    return torch.cat([judge(part).scores[:, 0] for part in parts]).double()
