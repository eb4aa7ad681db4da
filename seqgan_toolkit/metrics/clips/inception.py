"""Scores of what a classifier says of samples: sure of each, and of all labels in turn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.jackknife import jackknife_interval

VERSION = 1


def inception_measurements(log_probabilities: torch.Tensor, shares: torch.Tensor) -> dict[str, Measurement]:
    """Return the inception score, its modified form and the AM score.

    Args:
        log_probabilities: of every label for every sample, float [N, V].
        shares: how often each label comes in the training data, float [V].
    """

    def measured(score: Callable[[torch.Tensor], float], higher_is_better: bool) -> Measurement:
        def of(kept: npt.NDArray[np.int64]) -> float:
            return score(log_probabilities[kept])

        value = score(log_probabilities)
        return Measurement(
            value,
            jackknife_interval(len(log_probabilities), of, value),
            VERSION,
            higher_is_better,
            "by this classifier",
        )

    return {
        "inception_score": measured(inception_score, True),
        "modified_inception_score": measured(modified_inception_score, True),
        "am_score": measured(lambda some: am_score(some, shares), False),
    }


def inception_score(log_probabilities: torch.Tensor) -> float:
    """Return exp of the mean KL(p(y|x) || p(y)) (Salimans et al. 2016): at most the number of labels."""
    log_p = log_probabilities.double()
    return float(((log_p.exp() * (log_p - log_p.exp().mean(0).log())).sum(1)).mean().exp())


def modified_inception_score(log_probabilities: torch.Tensor) -> float:
    """Return exp of the mean KL(p(y|x) || p(y|x')) over all pairs of samples (Gurumurthy et al. 2017)."""
    log_p = log_probabilities.double()
    own = (log_p.exp() * log_p).sum(1).mean()
    return float((own - (log_p.exp().mean(0) * log_p.mean(0)).sum()).exp())


def am_score(log_probabilities: torch.Tensor, shares: torch.Tensor) -> float:
    """Return KL(training labels || p(y)) plus the mean entropy of p(y|x), nats (Zhou et al. 2018): lower is better."""
    log_p, shares = log_probabilities.double(), shares.double()
    divergence = torch.special.xlogy(shares, shares / log_p.exp().mean(0)).sum()
    return float(divergence - (log_p.exp() * log_p).sum(1).mean())
