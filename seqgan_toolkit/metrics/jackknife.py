"""Intervals by leaving out a part of the sample at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

NUM_GROUPS = 20
Z95 = 1.959964


def jackknife_interval(
    size: int, estimate: Callable[[npt.NDArray[np.int64]], float], value: float
) -> tuple[float, float] | None:
    """Return a 95 % interval by the delete-a-group jackknife (Shao and Tu 1995), never below 0.

    It tells the noise of the sample's size and says nothing of a bias that all samples of this size share.

    Args:
        size: how many members the sample has.
        estimate: the statistic of the members with these indices, int64 [M].
        value: the statistic of the whole sample.

    Returns:
        The interval, or None for fewer than 3 members in a group.
    """
    if size < 3 * NUM_GROUPS:
        return None
    group = np.arange(size) % NUM_GROUPS
    estimates = np.array([estimate(np.flatnonzero(group != left_out)) for left_out in range(NUM_GROUPS)])
    variance = (NUM_GROUPS - 1) / NUM_GROUPS * ((estimates - estimates.mean()) ** 2).sum()
    half = Z95 * float(np.sqrt(variance))
    return max(value - half, 0.0), value + half
