"""Columns of many small and a few very large values, drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.table import Floats

SKEWED = 1.0
"""The skewness, of either sign, from which on a column has a tail: a uniform or normal one has 0, an exponential 2."""


@dataclass(frozen=True)
class Tails:
    """Draws in the tail of each of the C columns that has one; the others stay as they are.

    In a range that a single peak sets, everything else lies at one end, and networks take the differences there for
    nothing. y = asinh((x - end) / unit), with the end from which the tail reaches away and the mean distance from it:
    a line near the end, a logarithm far from it.

    Attributes:
        end: float64 [C], in the columns' units.
        unit: float64 [C], the mean distance from the end, negative where the tail reaches down; 0 without a tail.
    """

    end: Floats
    unit: Floats

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Find the tails of columns [R, C]."""
        mean, deviation = values.mean(axis=0), values.std(axis=0)
        cubes = ((values - mean) ** 3).mean(axis=0)
        skewness = cubes / np.where(deviation > 0, deviation, 1.0) ** 3
        end = np.where(skewness > 0, values.min(axis=0), values.max(axis=0))
        return cls(end, np.where(np.abs(skewness) > SKEWED, mean - end, 0.0))

    @classmethod
    def none(cls, num_columns: int) -> Self:
        """Leave so many columns as they are."""
        return cls(np.zeros(num_columns), np.zeros(num_columns))

    def draw_in(self, values: Floats) -> Floats:
        """Return columns [..., C] with their tails drawn in."""
        return np.where(self.unit != 0, np.arcsinh((values - self.end) / self._some_unit), values)

    def undo(self, drawn: Floats) -> Floats:
        """Return the columns [..., C] of what `draw_in` returned."""
        tailed = self.unit != 0
        return np.where(tailed, self.end + self.unit * np.sinh(np.where(tailed, drawn, 0.0)), drawn)

    @property
    def _some_unit(self) -> Floats:
        return np.where(self.unit != 0, self.unit, 1.0)

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the tails exactly."""
        return {"end": self.end.tolist(), "unit": self.unit.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the tails that `state` described."""
        return cls(np.array(state["end"]), np.array(state["unit"]))
