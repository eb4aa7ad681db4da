"""The product of a generator with a model of the other direction: the residual model before any game."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from seqgan_toolkit.models.energy import sequence_scores
from seqgan_toolkit.models.likelihood_ratio import LikelihoodRatio
from seqgan_toolkit.objectives.calibration import calibrate
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.residual import BestEnergy, HeldOut


class Product:
    """No step at all: b is taken from its training, and the strength of its tilt is calibrated on held-out sequences.

    Args:
        ratio: the discriminator; the game of the residual phase goes on from it.
        average: b as its training left it.
        best: keeps the product.
        held_out: what it is calibrated on.
        device: where the networks are.
    """

    name = "product"
    steps = 0
    parts: Mapping[str, Stateful] = {}

    def __init__(
        self,
        *,
        ratio: LikelihoodRatio,
        average: MovingAverage,
        best: BestEnergy,
        held_out: HeldOut,
        device: torch.device,
    ) -> None:
        self.ratio, self.average, self.best = ratio, average, best
        self.held_out, self.device = held_out, device

    def begin(self) -> None:
        """Make the product."""
        ratio = self.ratio.eval()
        ratio.backward.load_state_dict(self.average.averaged.state_dict())
        generated = sequence_scores(ratio, self.held_out.generated)
        found = calibrate(sequence_scores(ratio, self.held_out.real.to(self.device)), generated)
        # The logit then is log P / g of the product P, whose mean weight over samples of g is 1.
        log_mean = float(torch.logsumexp(found.beta * generated, 0)) - math.log(len(generated))
        with torch.no_grad():
            ratio.slope.fill_(found.beta)
            ratio.offset.fill_(-log_mean)
        self.best.consider(ratio, 1.0, found.gain)

    def step(self, index: int) -> dict[str, float]:
        """Never called."""
        raise AssertionError(f"a product has no step {index}")
