"""What series have in common, feature by feature: memory, dependence, frequencies, values.

All take `Windows` (values [N, T, D] in [0, 1]). Means are over all steps of all series, so that short windows of a slow
series do not lose what they share.
"""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.series.windows import Windows

NUM_BINS = 50
NUM_DIRECTIONS = 100
SEED = 0
SMALL = 1e-8


def autocorrelation(windows: Windows) -> torch.Tensor:
    """Return the autocorrelation of each feature, float64 [T // 2, D], at the lags 1 to half the steps.

    r(k) = sum (x_t - m)(x_{t+k} - m) / (n_k v), with the mean m and variance v of the feature, over all n_k pairs of
    steps of one series. A feature that does not vary has 0.
    """
    values, mask = _centred(windows)
    variance = values.square().sum((0, 1)) / mask.sum()
    lags = range(1, values.shape[1] // 2 + 1)
    products = [(values[:, lag:] * values[:, :-lag]).sum((0, 1)) / mask[:, lag:].sum().clamp(min=1) for lag in lags]
    return torch.stack([variance, *products])[1:] / variance.clamp(min=SMALL)


def cross_correlation(windows: Windows) -> torch.Tensor:
    """Return Pearson's correlation of each pair of features at one step, float64 [D (D - 1) / 2]."""
    values, _ = _centred(windows)
    products = torch.einsum("ntd,nte->de", values, values)
    scale = products.diagonal().clamp(min=SMALL).sqrt()
    first, second = torch.triu_indices(len(scale), len(scale), offset=1)
    correlations: torch.Tensor = (products / (scale[:, None] * scale))[first, second]
    return correlations


def log_spectrum(windows: Windows) -> torch.Tensor:
    """Return the power spectrum in decibels, float64 [T // 2 + 1, D]: 10 log10 of the mean over series of |FFT|^2 / T.

    The feature's mean is taken off, and what lies behind a short series' end is 0. A floor of 1e-8 stands for silence.
    """
    values, _ = _centred(windows)
    power: torch.Tensor = torch.fft.rfft(values, dim=1).abs().square().mean(0) / values.shape[1]
    decibels: torch.Tensor = 10 * (power + SMALL).log10()
    return decibels


def histogram(windows: Windows) -> torch.Tensor:
    """Return the share of steps of each feature in each of 50 bins over [0, 1], float64 [50, D]."""
    bins = (windows.values[windows.mask].double() * NUM_BINS).long().clamp(0, NUM_BINS - 1)
    counts = torch.zeros(NUM_BINS, bins.shape[1], dtype=torch.float64)
    counts.scatter_add_(0, bins, torch.ones(bins.shape, dtype=torch.float64))
    return counts / len(bins)


def projections(windows: Windows) -> torch.Tensor:
    """Return whole series, flattened, along 100 random directions of length 1, always the same: float64 [N, 100]."""
    flat = windows.values.flatten(1).double()
    generator = torch.Generator().manual_seed(SEED)
    directions = torch.randn(flat.shape[1], NUM_DIRECTIONS, generator=generator, dtype=torch.float64)
    projected: torch.Tensor = flat @ (directions / directions.norm(dim=0))
    return projected


def wasserstein(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the mean over directions of the 1-Wasserstein distance of two samples [N, K] and [M, K] of projections.

    It is the mean distance of their quantiles, at the ranks of the smaller sample.
    """
    ranks = (torch.arange(min(len(one), len(other)), dtype=torch.float64) + 0.5) / min(len(one), len(other))
    quantiles = [ordered[(ranks * len(ordered)).long()] for ordered in (one.sort(0).values, other.sort(0).values)]
    return float((quantiles[0] - quantiles[1]).abs().mean())


def _centred(windows: Windows) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the values less their feature's mean, float64 [N, T, D], 0 where there is no step, and the mask."""
    values, mask = windows.values.double(), windows.mask
    mean = values[mask].mean(0)
    return (values - mean) * mask[..., None], mask
