"""Columns that follow each other, turned into values of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.table import Floats

SMALLEST = 1e-6
"""The least share of a column's variance that counts as its own; below it there would be rounding, made large."""


@dataclass(frozen=True)
class Decorrelation:
    """Halfway to the whitening that leaves columns as near to themselves as may be, ZCA-cor (Kessy et al. 2018).

    Ten thermometers of a house say almost the same, and how they differ is as much a fact as what they say: a dew point
    follows from temperature and humidity to a hundredth of its range. Networks that see columns see what they share and
    take the rest for noise. Whitened columns all have one size, and nothing says any more what counts; halfway there
    the order of sizes stays, and a ratio of 50 becomes one of 7.

    y = P^(-1/4) (x - mean) / deviation, with the correlations P of the columns; both ways are exact.

    Attributes:
        mean: float64 [C], of the columns.
        deviation: float64 [C], their standard deviations; 1 for a constant.
        mixing: float64 [C, C], P^(1/4), symmetric.
    """

    mean: Floats
    deviation: Floats
    mixing: Floats

    @classmethod
    def of_moments(cls, mean: Floats, covariance: Floats) -> Self:
        """Make it from the means [C] and the covariances [C, C] of columns; constant ones stay as they are."""
        covariance = np.atleast_2d(covariance)
        variance = np.diag(covariance)
        deviation = np.sqrt(np.where(variance > 0, variance, 1.0))
        correlations = covariance / np.outer(deviation, deviation)
        np.fill_diagonal(correlations, 1.0)
        sizes, directions = np.linalg.eigh(correlations)
        roots = np.maximum(sizes, SMALLEST) ** 0.25
        return cls(mean, deviation, (directions * roots) @ directions.T)

    def apply(self, values: Floats) -> Floats:
        """Return the decorrelated values [..., C] of columns [..., C]."""
        return ((values - self.mean) / self.deviation) @ np.linalg.inv(self.mixing)

    def undo(self, mixed: Floats) -> Floats:
        """Return the columns [..., C] of decorrelated values [..., C]."""
        return self.mean + self.deviation * (mixed @ self.mixing)

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds it exactly."""
        return {"mean": self.mean.tolist(), "deviation": self.deviation.tolist(), "mixing": self.mixing.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild what `state` described."""
        return cls(*(np.array(state[name]) for name in ("mean", "deviation", "mixing")))
