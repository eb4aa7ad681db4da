"""Columns that repeat another one, kept once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.table import Floats, Integers

SAME = 1e-9
"""How far a copy may be off, as a share of the half range: what rounding in double precision may do."""


@dataclass(frozen=True)
class Copies:
    """For each of the C columns the one of the K kept ones that it is, or is an affine image of.

    A generator that makes both makes them nearly equal, and the difference tells its series from real ones.

    Attributes:
        source: int64 [C], indices into the kept columns.
        sign: float64 [C], 1, or -1 where a column falls as its source rises.
        scales: of all C columns: one is the other in units of its own range.
    """

    source: Integers
    sign: Floats
    scales: Scales

    @classmethod
    def among(cls, values: Floats, scales: Scales) -> Self:
        """Find the copies among columns.

        Args:
            values: float64 [R, C], NaN where a cell is empty; a column with such cells is kept.
            scales: of the columns, by their range. A constant is kept: it comes back exactly as it is.
        """
        scaled = scales.scale(values)
        kept: list[int] = []
        source, sign = np.zeros(values.shape[1], np.int64), np.ones(values.shape[1])
        for column in range(values.shape[1]):
            for place, other in enumerate(kept):
                if scales.half[column] and scales.half[other] and (found := _sign(scaled[:, column], scaled[:, other])):
                    source[column], sign[column] = place, found
                    break
            else:
                source[column] = len(kept)
                kept.append(column)
        return cls(source, sign, scales)

    @property
    def kept(self) -> list[int]:
        """The columns that are kept, K of them: the first of each kind."""
        return [int(column) for column in np.unique(self.source, return_index=True)[1]]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The other columns, each with the kept one that it repeats."""
        kept = self.kept
        return [(column, kept[place]) for column, place in enumerate(self.source.tolist()) if column != kept[place]]

    def keep(self, values: Floats) -> Floats:
        """Return the kept columns [..., K] of all [..., C]."""
        return values if len(self.kept) == values.shape[-1] else values[..., self.kept]

    def restore(self, kept: Floats) -> Floats:
        """Return all columns [..., C] of the kept ones [..., K], which come back as they are."""
        values = kept[..., self.source]
        for column, other in self.pairs:
            if self.sign[column] > 0 and self._range(column) == self._range(other):
                continue  # as it is, to the last bit
            ratio = self.sign[column] * self.scales.half[column] / self.scales.half[other]
            values[..., column] = self.scales.centre[column] + ratio * (values[..., other] - self.scales.centre[other])
        return values

    def _range(self, column: int) -> tuple[float, float]:
        return self.scales.centre[column], self.scales.half[column]

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the copies exactly."""
        return {"source": self.source.tolist(), "sign": self.sign.tolist()}

    @classmethod
    def from_state(cls, state: dict[str, Any], scales: Scales) -> Self:
        """Rebuild the copies that `state` described, of columns of these scales."""
        return cls(np.array(state["source"], np.int64), np.array(state["sign"]), scales)


def _sign(one: Floats, other: Floats) -> int:
    """Return 1 or -1 where one scaled column is the other or its negative, and 0 where it is neither."""
    for sign in (1, -1):
        # Most columns differ in their first rows already. NaN is no number, and so never near one.
        if all((np.abs(one[rows] - sign * other[rows]) <= SAME).all() for rows in (slice(8), slice(None))):
            return sign
    return 0
