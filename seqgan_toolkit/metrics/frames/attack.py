"""How well a threshold tells the members of one set from those of another by a score."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement

VERSION = 1
Z95 = 1.959964
NOTE = ".5 is none: the discriminator scores its training sequences and as many others alike"


def attack_auc(members: torch.Tensor, others: torch.Tensor) -> Measurement:
    """Return the probability that a member's score is above another's, ties for half: the area under the ROC curve.

    Its interval is by the variance of DeLong, DeLong and Clarke-Pearson (1988).

    Args:
        members: scores of training sequences, float [N], N at least 2.
        others: scores of sequences that were not trained on, float [M], M at least 2.
    """
    above = _share_below(members, others)
    below = 1 - _share_below(others, members)
    value = float(above.mean())
    half = Z95 * float(above.var() / len(members) + below.var() / len(others)) ** 0.5
    return Measurement(value, (max(0.0, value - half), min(1.0, value + half)), VERSION, None, NOTE)


def _share_below(scores: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return for every score the share of the others that are below it, equal ones for half: float64 [N]."""
    scores, ordered = scores.double(), others.double().sort().values
    places = torch.searchsorted(ordered, scores) + torch.searchsorted(ordered, scores, right=True)
    return places.double() / (2 * len(ordered))
