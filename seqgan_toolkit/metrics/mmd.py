"""The maximum mean discrepancy of two samples: how well the mean of any smooth function tells them apart.

MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y), with x and x' of one law and y and y' of the other (Gretton et al. 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.distances import squared_distances

NUM_RESAMPLES = 200
SEED = 0
Z95 = 1.959964


@dataclass(frozen=True)
class Kernels:
    """The values of a kernel on two samples.

    Attributes:
        within: of the first sample with itself, float64 [N, N].
        between: of the first with the second, float64 [N, M].
        other: of the second with itself, float64 [M, M].
    """

    within: torch.Tensor
    between: torch.Tensor
    other: torch.Tensor

    def mmd2(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Return the unbiased MMD^2 [R] of R weightings of the samples.

        No member is paired with itself, whatever its weight, so that the expectation is 0 for equal laws.

        Args:
            first: how often each member of the first sample counts, float64 [R, N].
            second: the same for the second, float64 [R, M].
        """
        between = ((first @ self.between) * second).sum(1) / (first.sum(1) * second.sum(1))
        return _mean_of_pairs(self.within, first) + _mean_of_pairs(self.other, second) - 2 * between

    def value(self) -> float:
        """Return the unbiased MMD^2 of the samples as they are."""
        ones = [torch.ones(1, len(kernel), dtype=torch.float64) for kernel in (self.within, self.other)]
        return float(self.mmd2(*ones))


def polynomial_kernels(points: torch.Tensor, others: torch.Tensor) -> Kernels:
    """Return (x.y / D + 1)^3 for two samples [N, D] and [M, D], the kernel of Binkowski et al. (2018)."""
    points, others = points.double(), others.double()

    def kernel(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return (one @ other.T / one.shape[1] + 1) ** 3

    return Kernels(kernel(points, points), kernel(points, others), kernel(others, others))


def rbf_kernels(points: torch.Tensor, others: torch.Tensor, bandwidths: tuple[float, ...]) -> Kernels:
    """Return the sum over the bandwidths s of exp(-|x - y|^2 / (2 s^2)) for two samples [N, D] and [M, D]."""
    points, others = points.double(), others.double()

    def kernel(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        squared = squared_distances(one, other)
        values = torch.zeros_like(squared)
        for bandwidth in bandwidths:
            values += (squared / (-2 * bandwidth**2)).exp_()
        return values

    return Kernels(kernel(points, points), kernel(points, others), kernel(others, others))


def mmd2_measurement(kernels: Kernels, *, version: int, note: str) -> Measurement:
    """Return the unbiased MMD^2 with its interval by the bootstrap of both samples.

    It may be below 0 where the laws are nearly equal. The interval is 1.96 standard deviations over resamples wide on
    either side.
    """
    generator = torch.Generator().manual_seed(SEED)
    weights = [_resampled(len(kernel), generator) for kernel in (kernels.within, kernels.other)]
    value, half = kernels.value(), Z95 * float(kernels.mmd2(*weights).std())
    return Measurement(value, (value - half, value + half), version, False, note)


def _mean_of_pairs(kernel: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the mean of a kernel [N, N] over pairs of different members, weighted [R, N]."""
    squared = weights.square()
    total = ((weights @ kernel) * weights).sum(1) - squared @ kernel.diagonal()
    return total / (weights.sum(1).square() - squared.sum(1))


def _resampled(count: int, generator: torch.Generator) -> torch.Tensor:
    """Return how often each of `count` members is drawn in every resample, float64 [NUM_RESAMPLES, count]."""
    drawn = torch.randint(count, (NUM_RESAMPLES, count), generator=generator)
    return torch.zeros(NUM_RESAMPLES, count, dtype=torch.float64).scatter_add_(
        1, drawn, torch.ones(drawn.shape, dtype=torch.float64)
    )
