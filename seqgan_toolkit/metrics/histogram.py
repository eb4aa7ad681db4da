"""How far apart two distributions over labels are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.jackknife import jackknife_interval

VERSION = 1


def total_variation(labels: torch.Tensor, others: torch.Tensor, num_labels: int) -> float:
    """Return half the sum of the absolute differences of the shares of each label: 0 is equal, 1 has none in common."""
    shares = [values.bincount(minlength=num_labels).double() / len(values) for values in (labels, others)]
    return float((shares[0] - shares[1]).abs().sum() / 2)


def label_histogram_distance(
    found: torch.Tensor, asked: torch.Tensor | None, real: torch.Tensor, num_labels: int
) -> Measurement:
    """Return the total variation distance of the labels that a classifier gives samples.

    Args:
        found: the labels that the classifier gives N samples, int64 [N].
        asked: those that they were made for, int64 [N], or None.
        real: those of real data, int64 [M], which count where none were asked for.
        num_labels: how many there are.
    """
    note = "to the labels of held-out data" if asked is None else "to the labels that were asked for"

    def distance(kept: npt.NDArray[np.int64]) -> float:
        return total_variation(found[kept], real if asked is None else asked[kept], num_labels)

    value = distance(np.arange(len(found)))
    return Measurement(value, jackknife_interval(len(found), distance, value), VERSION, False, note)
