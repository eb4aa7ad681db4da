"""How far the lengths of samples are from those of real sequences."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.metrics.base import Measurement

VERSION = 1
KS_5_PERCENT = 1.358
"""Times sqrt(1/n + 1/m): what the distance of two samples of one distribution passes once in twenty (Smirnov 1948)."""


def length_ks(lengths: npt.NDArray[np.int64], real: npt.NDArray[np.int64], of_what: str) -> Measurement:
    """Return the two-sample Kolmogorov-Smirnov distance of lengths to those of `of_what`, for the note."""
    noise = KS_5_PERCENT * (1 / len(lengths) + 1 / len(real)) ** 0.5
    note = f"Kolmogorov-Smirnov distance to the lengths of {of_what}; up to {noise:.3g} can be chance"
    return Measurement(kolmogorov_smirnov(lengths, real), None, VERSION, False, note)


def kolmogorov_smirnov(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> float:
    """Return the largest difference of the cumulative distributions of two samples of numbers."""
    levels = np.union1d(one, other)
    shares = [np.searchsorted(np.sort(sample), levels, side="right") / len(sample) for sample in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())
