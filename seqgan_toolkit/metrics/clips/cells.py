"""Which labels a model has forgotten."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement

VERSION = 1


def cell_measurements(heard: torch.Tensor, shares: torch.Tensor) -> dict[str, Measurement]:
    """Return how many labels are heard in no sample, and the rarest one's share over its share of the training data.

    Args:
        heard: the label that a classifier hears in each sample, int64 [N]; -1 for one that the data do not have.
        shares: how often each label comes in the training data, float [V].
    """
    known = shares > 0
    counts = torch.bincount(heard[heard >= 0], minlength=len(shares))
    relative = counts[known] / len(heard) / shares[known]
    note = f"of {int(known.sum())} labels in {len(heard)} samples; compare equal numbers only"
    return {
        "empty_cells": Measurement(float((counts[known] == 0).sum()), None, VERSION, False, note),
        "smallest_cell": Measurement(
            float(relative.min()), None, VERSION, None, f"1 is as often as in training; {note}"
        ),
    }
