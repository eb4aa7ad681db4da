"""The normaliser of a residual model, between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class LogPartition:
    """What M samples of a generator say of log Z = log E_G exp(tilt).

    Attributes:
        lower: a bound that log Z is above, in expectation.
        upper: a bound that log Z is below, in expectation and for M large enough.
        standard_error: of both, from the size of the sample.
        effective_share: the effective sample size over M; near 0 nothing here is to be trusted.
    """

    lower: float
    upper: float
    standard_error: float
    effective_share: float


def log_partition(tilts: torch.Tensor) -> LogPartition:
    """Bracket log Z from the tilts [M] of independent samples of the generator.

    The bounds are those of Deng et al. 2020 (theorem 2, after Nowozin 2018). The mean T_M of the log of a mean lies
    below log Z (Jensen's inequality) by about b / M, and (2M - 1) T_M - 2 (M - 1) T_{M-1} above it by as much; T_{M-1}
    is taken over the M samples less one.
    """
    tilts, count = tilts.double(), len(tilts)
    log_sum = torch.logsumexp(tilts, 0)
    lower = float(log_sum) - math.log(count)
    shares = (tilts - log_sum).exp()
    # The log of the sum without one sample is log_sum + log(1 - its share).
    without = lower + math.log(count / (count - 1)) + float(torch.log1p(-shares.clamp(max=1 - 1e-12)).mean())
    return LogPartition(
        lower=lower,
        upper=(2 * count - 1) * lower - 2 * (count - 1) * without,
        standard_error=float((count * shares).std()) / count**0.5,
        effective_share=float(1 / shares.square().sum()) / count,
    )
