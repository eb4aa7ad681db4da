"""Affine maps between columns in their own units and [-1, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.table import Floats


@dataclass(frozen=True)
class Scales:
    """For each column value = centre + half * scaled; a constant column scales to 0 and comes back exactly.

    Attributes:
        centre: float64 [C], what becomes 0.
        half: float64 [C], half of the range that becomes [-1, 1], in the columns' units.
    """

    centre: Floats
    half: Floats

    @classmethod
    def by_range(cls, values: Floats) -> Self:
        """Let the smallest and largest value of each column of [N, C] become -1 and 1; NaN does not count."""
        low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        half = (high - low) / 2
        return cls(low + half, half)

    @classmethod
    def by_mean(cls, values: Floats) -> Self:
        """Let each column's mean become 0, and the value farthest from it -1 or 1: z-scores over the largest |z|."""
        low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        # The mean of a constant may differ from it in its last digit.
        centre = np.clip(np.nanmean(values, axis=0), low, high)
        return cls(centre, np.maximum(high - centre, centre - low))

    def scale(self, values: Floats) -> Floats:
        """Return values [..., C] scaled, within [-1, 1] where they lie in the fitted range."""
        return np.where(self.half > 0, (values - self.centre) / np.where(self.half > 0, self.half, 1), 0.0)

    def unscale(self, scaled: Floats) -> Floats:
        """Return scaled values [..., C] in the columns' own units."""
        return self.centre + self.half * scaled

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the scales exactly."""
        return {"centre": self.centre.tolist(), "half": self.half.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the scales that `state` described."""
        return cls(np.array(state["centre"]), np.array(state["half"]))
