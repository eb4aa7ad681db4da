"""What a table's columns become before they are scaled, and how they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.copies import Copies
from seqgan_toolkit.domains.series.grid import Grid
from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.table import Floats

DENSE = 1000
"""Steps in a column's range from which on its grid is as good as none."""


@dataclass(frozen=True)
class ColumnForm:
    """What holds of every real row is kept out of the frames, and holds of every generated row: ranges, grids, copies.

    Attributes:
        ranges: scales of the C columns of the table, by the range of the rows that are trained on.
        grid: of these columns.
        copies: which of them repeat another one.
    """

    ranges: Scales
    grid: Grid
    copies: Copies

    @classmethod
    def of(cls, values: Floats, decimals: Sequence[int | None]) -> Self:
        """Fit on the rows [R, C] that are trained on; see `Grid.of` for the decimals."""
        ranges = Scales.by_range(values)
        return cls(ranges, Grid.of(values, decimals), Copies.among(values, ranges))

    def encode(self, values: Floats) -> Floats:
        """Return what is scaled to frames, [R, K], of the columns [R, C]."""
        return self.copies.keep(values)

    def decode(self, values: Floats) -> Floats:
        """Return the columns [R, C] of unscaled frames [R, K]: within their ranges and on their grids."""
        low, high = self.ranges.centre - self.ranges.half, self.ranges.centre + self.ranges.half
        return self.grid.snap(self.copies.restore(values).clip(low, high))

    @property
    def coarse(self) -> Floats:
        """The steps of the kept columns [K] whose grid has few places; 0 for the others."""
        step, size = self.grid.step[self.copies.kept], 2 * self.ranges.half[self.copies.kept]
        return np.where(step * DENSE > size, step, 0.0)

    def spread(self, values: Floats, rng: np.random.Generator) -> Floats:
        """Return kept columns [T, K], those of few places moved at random within half a step, which `decode` undoes.

        As they are, all that a discriminator learns of them is that real values lie on a grid and generated ones beside
        it (uniform dequantisation: Theis et al. 2016, section 3.1).
        """
        return values + self.coarse * rng.uniform(-0.5, 0.5, values.shape)

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the form exactly."""
        return {"ranges": self.ranges.state(), "grid": self.grid.state(), "copies": self.copies.state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the form that `state` described."""
        ranges = Scales.from_state(state["ranges"])
        return cls(ranges, Grid.from_state(state["grid"]), Copies.from_state(state["copies"], ranges))
