"""What the values of a frame are: scaled columns, and beside them what a window as a whole needs to be rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.table import Floats

PRESENT, ABSENT = 1.0, -1.0


@dataclass(frozen=True)
class FrameLayout:
    """The order of values in a frame: columns; levels and spans; presence; static attributes.

    With `spans`, each window is scaled by its own midpoint and half range, which stand beside it in every frame, as in
    the automatic normalisation of DoppelGANger (Lin et al. 2020).

    Attributes:
        values: scales of the C columns; with `spans`, of their midpoints in a window.
        spans: scales of the half ranges of columns in a window, or None where one scale serves all windows.
        gaps: int64 [M], the columns whose presence is a value of the frame.
        static: scales of the S static attributes.
    """

    values: Scales
    spans: Scales | None
    gaps: npt.NDArray[np.int64]
    static: Scales

    @property
    def dim(self) -> int:
        """F, the number of values in a frame."""
        columns = len(self.values.centre)
        return columns * (1 if self.spans is None else 3) + len(self.gaps) + len(self.static.centre)

    @property
    def sizes(self) -> Floats:
        """Half of what each column [C] ranges over, in its units; 0 for a constant."""
        return self.values.half + (0.0 if self.spans is None else self.spans.centre + self.spans.half)

    @property
    def constant(self) -> tuple[int, ...]:
        """The values of a frame that hold for the whole window: levels, spans and static attributes."""
        columns, num_static = len(self.values.centre), len(self.static.centre)
        levels = range(columns, columns if self.spans is None else 3 * columns)
        return (*levels, *range(self.dim - num_static, self.dim))

    def encode(self, values: Floats, static: Floats) -> Floats:
        """Return the frames [T, F] of a window; what lies outside the fitted range lies outside [-1, 1].

        Args:
            values: float64 [T, C] in the columns' units, NaN where a cell is empty.
            static: float64 [S].
        """
        if self.spans is None:
            parts = [self.values.scale(values)]
        else:
            level, span = window_range(values, self.values.centre)
            own = Scales(level, span).scale(values)
            parts = [
                own,
                self._everywhere(self.values.scale(level), own),
                self._everywhere(self.spans.scale(span), own),
            ]
        parts[0] = np.where(np.isnan(values), 0.0, parts[0])
        present = np.where(np.isnan(values[:, self.gaps]), ABSENT, PRESENT)
        return np.concatenate([*parts, present, self._everywhere(self.static.scale(static), values)], axis=1)

    def decode(self, frames: Floats) -> tuple[Floats, Floats]:
        """Return values [T, C] in the columns' units, NaN where a cell is empty, and static attributes [S].

        What is constant in a window is averaged over its frames [T, F].
        """
        columns, masks = len(self.values.centre), len(self.gaps)
        own, rest = frames[:, :columns], frames[:, columns:]
        if self.spans is None:
            values = self.values.unscale(own)
        else:
            level = self.values.unscale(rest[:, :columns].mean(axis=0))
            span = np.maximum(self.spans.unscale(rest[:, columns : 2 * columns].mean(axis=0)), 0.0)
            values, rest = level + span * own, rest[:, 2 * columns :]
        values[:, self.gaps] = np.where(rest[:, :masks] > 0, values[:, self.gaps], np.nan)
        return values, self.static.unscale(rest[:, masks:].mean(axis=0))

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the layout exactly."""
        return {
            "values": self.values.state(),
            "spans": None if self.spans is None else self.spans.state(),
            "gaps": self.gaps.tolist(),
            "static": self.static.state(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the layout that `state` described."""
        spans = state["spans"]
        return cls(
            Scales.from_state(state["values"]),
            None if spans is None else Scales.from_state(spans),
            np.array(state["gaps"], np.int64),
            Scales.from_state(state["static"]),
        )

    @staticmethod
    def _everywhere(once: Floats, steps: Floats) -> Floats:
        """Repeat values [K] at each of T steps."""
        return np.broadcast_to(once, (len(steps), len(once)))


def window_range(values: Floats, otherwise: Floats) -> tuple[Floats, Floats]:
    """Return the midpoint and the half range of each column of a window [T, C].

    A column that is empty throughout the window has the midpoint `otherwise` [C] and no range.
    """
    known = ~np.isnan(values)
    some = known.any(axis=0)
    low = np.where(some, np.where(known, values, np.inf).min(axis=0), otherwise)
    high = np.where(some, np.where(known, values, -np.inf).max(axis=0), otherwise)
    half = (high - low) / 2
    return low + half, half
