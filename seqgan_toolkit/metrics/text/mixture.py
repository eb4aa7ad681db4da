"""The likelihood of a mixture of models, each sequence of which is made by one of them, chosen at random."""

from __future__ import annotations

import torch


def mixture_nll(nll: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Return float64 [N], in nats for each sequence: -log of the mean of its probabilities, weighted by `shares`.

    It is at most that of model k less log of its share: adding a bad model to a good one costs next to nothing.

    Args:
        nll: float64 [K, N], in nats for each sequence under each model.
        shares: [K], how often each model is chosen, with the sum 1.
    """
    return -(shares.double().log()[:, None] - nll.double()).logsumexp(0)
