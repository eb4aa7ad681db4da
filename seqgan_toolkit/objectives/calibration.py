"""How far a discriminator's word can be trusted: the strength of its tilt that is best on held-out sequences."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

STRONGEST = 1024.0
"""Of a tilt; a discriminator that parts two finite samples without an error would ask for an endless one."""


@dataclass(frozen=True)
class Calibration:
    """The best strength of a tilt, and what it gains in log-likelihood, nats a sequence."""

    beta: float
    gain: float


def calibrate(real: torch.Tensor, generated: torch.Tensor) -> Calibration:
    """Maximise the gain beta E_real[s] - log E_G[exp(beta s)] over beta >= 0; it is concave.

    At the gain's maximum the mean score of real sequences is that of generated ones as they are weighted.

    Args:
        real: scores [N] of held-out sequences.
        generated: scores [M] of samples of the generator.
    """
    mean, generated = float(real.double().mean()), generated.double()

    def slope(beta: float) -> float:
        return mean - float(torch.softmax(beta * generated, 0) @ generated)

    low, high = 0.0, 1.0
    while slope(high) > 0 and high < STRONGEST:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    log_mean = float(torch.logsumexp(low * generated, 0)) - math.log(len(generated))
    return Calibration(low, low * mean - log_mean)
