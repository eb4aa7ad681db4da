"""Columns whose values are all multiples of a step, as integers and tens are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.table import Floats

MOST_DECIMALS = 12
LARGEST = 2.0**40
"""Steps from 0; below it doubles are near enough to whole numbers to tell them from others."""
WHOLE = 1e-3


@dataclass(frozen=True)
class Grid:
    """For each of the C columns value = origin + step * n, with a whole number n.

    Attributes:
        origin: float64 [C], the smallest value.
        step: float64 [C], in the columns' units; 0 where values lie anywhere.
    """

    origin: Floats
    step: Floats

    @classmethod
    def of(cls, values: Floats, decimals: Sequence[int | None]) -> Self:
        """Find the coarsest grid on which all values lie.

        Args:
            values: float64 [R, C]; NaN does not count.
            decimals: for each column its digits behind the point as the file has them. None is not known: then whole
                numbers alone have a grid.
        """
        known = [column[~np.isnan(column)] for column in values.T]
        found = [_of_column(column, digits) for column, digits in zip(known, decimals, strict=True)]
        return cls(np.array([origin for origin, _ in found]), np.array([step for _, step in found]))

    def snap(self, values: Floats) -> Floats:
        """Return values [..., C] at the nearest place of their grid; NaN stays."""
        some = np.where(self.step > 0, self.step, 1.0)
        return np.where(self.step > 0, self.origin + some * np.round((values - self.origin) / some), values)

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the grid exactly."""
        return {"origin": self.origin.tolist(), "step": self.step.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the grid that `state` described."""
        return cls(np.array(state["origin"]), np.array(state["step"]))


def _of_column(values: Floats, decimals: int | None) -> tuple[float, float]:
    """Return the origin and the step of one column [R]."""
    digits = decimals or 0
    places = values * 10.0**digits
    whole = np.round(places)
    # What was filled in between two values has other digits than the file.
    if digits > MOST_DECIMALS or np.abs(places).max() > LARGEST or np.abs(places - whole).max() > WHOLE:
        return float(values.min()), 0.0
    first = int(whole.min())
    step = int(np.gcd.reduce(np.unique(whole).astype(np.int64) - first))
    return first / 10**digits, step / 10**digits
