"""Feature matching: the generator brings the discriminator's features of its sequences near those of real ones."""

from __future__ import annotations

import torch

from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.losses import Loss
from seqgan_toolkit.objectives.whole_batch import whole_batch

BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Variances of the kernels, in mean squared distances between features."""


def make_matching(mean_weight: float, mmd_weight: float) -> Loss | None:
    """Return the weighted sum of both distances between features, or None where both weights are 0."""
    if not mean_weight and not mmd_weight:
        return None

    def matching(real: Verdict, fake: Verdict) -> torch.Tensor:
        on_real, on_fake = whole_batch(real.features.float()), whole_batch(fake.features.float())
        total = on_fake.new_zeros(())
        if mean_weight:
            total = total + mean_weight * mean_distance(on_real, on_fake)
        if mmd_weight:
            total = total + mmd_weight * maximum_mean_discrepancy(on_real, on_fake)
        return total

    return matching


def mean_distance(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the squared distance between the means of features [B, D] (Salimans et al. 2016, section 3.1)."""
    return (real.mean(0) - fake.mean(0)).square().sum()


def maximum_mean_discrepancy(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the squared maximum mean discrepancy of features [B, D], B at least 2.

    The unbiased estimator (Gretton et al. 2012, equation 3) with the mean of Gaussian kernels of several widths, as in
    TextGAN (Zhang et al. 2017). The widths follow the mean distance in the pooled batch: features have no unit.
    """
    rows = len(real)
    pooled = torch.cat([real, fake])
    squares = pooled.square().sum(1)
    squared = (squares[:, None] + squares[None] - 2 * pooled @ pooled.T).clamp(min=0)
    between = ~torch.eye(len(pooled), dtype=torch.bool, device=pooled.device)
    scale = squared.detach()[between].mean().clamp(min=1e-12)
    kernels = [(-squared / (2 * width * scale)).exp() for width in BANDWIDTHS]
    kernel = torch.stack(kernels).mean(0) * between
    within = (kernel[:rows, :rows].sum() + kernel[rows:, rows:].sum()) / (rows * (rows - 1))
    return within - 2 * kernel[:rows, rows:].mean()
