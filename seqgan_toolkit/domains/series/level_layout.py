"""Frames of where a window's columns stand, and of how they move around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.decorrelation import Decorrelation
from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.table import Floats, Integers
from seqgan_toolkit.domains.series.tails import Tails

STAYS_WHOLE = 0.5
"""The share of its variance within windows from which on a column has no level worth the name: bursts and noise."""

LINEAR = 3.0
"""Standard deviations up to which a movement is scaled in a line, nearly; larger ones are drawn in."""


@dataclass(frozen=True)
class LevelLayout:
    """The order of values in a frame: columns without a level; movements; levels; static attributes.

    The level of a column is its mean over the window, and stands in every frame. A slow column moves little around it,
    and of ten columns that move together what they differ by is less still: both are half decorrelated, each by its
    own correlations, so that networks see all of it. Movements have long tails, which asinh draws in.

    Attributes:
        whole: int64 [W], the columns without a level, which are scaled as they are.
        moving: int64 [M], those with one.
        tails: of the W columns.
        scales: of what comes of them, by range.
        levels: decorrelates levels [M].
        level_scales: of what comes of it, by range.
        movements: decorrelates movements [M].
        reach: float64 [M], asinh of the largest movement, in units of `LINEAR`.
        static: scales of the S static attributes.
    """

    whole: Integers
    moving: Integers
    tails: Tails
    scales: Scales
    levels: Decorrelation
    level_scales: Scales
    movements: Decorrelation
    reach: Floats
    static: Scales

    @classmethod
    def of(cls, windows: Sequence[Floats], rows: Floats, static: Scales, margin: Floats) -> Self | None:
        """Fit the layout; None where no column has a level.

        Memory holds one decorrelated window at a time.

        Args:
            windows: float64 [T, C] each.
            rows: float64 [R, C], those that lie in a window.
            static: scales of static attributes.
            margin: float64 [C], how far values to be encoded may lie beyond the range of the rows: half a step of
                columns with few places; 0 for the others.
        """
        means = np.stack([window.mean(axis=0) for window in windows])
        count = sum(len(window) for window in windows)
        within = sum((window - mean).T @ (window - mean) for window, mean in zip(windows, means, strict=True)) / count
        variances = np.diag(within)
        level_variances = means.var(axis=0)
        # A column with a margin has few places, and would lend its steps to all that it is decorrelated from.
        slow = (variances <= STAYS_WHOLE * (variances + level_variances)) & (margin == 0)
        moving, whole = np.flatnonzero(slow), np.flatnonzero(~slow)
        if not len(moving):
            return None
        levels = Decorrelation.of_moments(means[:, moving].mean(axis=0), np.cov(means[:, moving].T, bias=True))
        movements = Decorrelation.of_moments(np.zeros(len(moving)), within[np.ix_(moving, moving)])
        moved = (movements.apply((window - mean)[:, moving]) for window, mean in zip(windows, means, strict=True))
        reach = np.arcsinh(np.max([np.abs(one).max(axis=0) for one in moved], axis=0) / LINEAR)
        tails = Tails.of(rows[:, whole])
        ends = np.stack([(rows.min(axis=0) - margin)[whole], (rows.max(axis=0) + margin)[whole]])
        scales, level_scales = Scales.by_range(tails.draw_in(ends)), Scales.by_range(levels.apply(means[:, moving]))
        return cls(whole, moving, tails, scales, levels, level_scales, movements, reach, static)

    @property
    def dim(self) -> int:
        """F, the number of values in a frame."""
        return len(self.whole) + 2 * len(self.moving) + len(self.static.centre)

    @property
    def constant(self) -> tuple[int, ...]:
        """The values of a frame that hold for the whole window: levels and static attributes."""
        return tuple(range(len(self.whole) + len(self.moving), self.dim))

    @property
    def gaps(self) -> Integers:
        """The columns whose presence is a value of the frame: none, since what is not there has no level."""
        return np.empty(0, np.int64)

    def encode(self, values: Floats, static: Floats) -> Floats:
        """Return the frames [T, F] of a window; what lies outside the fitted range lies outside [-1, 1].

        Args:
            values: float64 [T, C] in the columns' units.
            static: float64 [S].
        """
        mean = values[:, self.moving].mean(axis=0)
        moved = np.arcsinh(self.movements.apply(values[:, self.moving] - mean) / LINEAR)
        once = np.concatenate([self.level_scales.scale(self.levels.apply(mean)), self.static.scale(static)])
        return np.concatenate(
            [
                self.scales.scale(self.tails.draw_in(values[:, self.whole])),
                moved / np.where(self.reach > 0, self.reach, np.inf),
                np.broadcast_to(once, (len(values), len(once))),
            ],
            axis=1,
        )

    def decode(self, frames: Floats) -> tuple[Floats, Floats]:
        """Return values [T, C] in the columns' units, and static attributes [S].

        What is constant in a window is averaged over its frames [T, F], and movements are around the level.
        """
        bounds = np.cumsum([len(self.whole), len(self.moving), len(self.moving)])
        whole, moved, level, static = np.split(frames, bounds, axis=1)
        movement = self.movements.undo(LINEAR * np.sinh(moved * self.reach))
        mean = self.levels.undo(self.level_scales.unscale(level.mean(axis=0)))
        values = np.empty((len(frames), len(self.whole) + len(self.moving)))
        values[:, self.whole] = self.tails.undo(self.scales.unscale(whole))
        values[:, self.moving] = mean + movement - movement.mean(axis=0)
        return values, self.static.unscale(static.mean(axis=0))

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the layout exactly."""
        return {
            "moving": self.moving.tolist(),
            "whole": self.whole.tolist(),
            "tails": self.tails.state(),
            "scales": self.scales.state(),
            "levels": self.levels.state(),
            "level_scales": self.level_scales.state(),
            "movements": self.movements.state(),
            "reach": self.reach.tolist(),
            "static": self.static.state(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the layout that `state` described; one from before there were tails has none."""
        whole, tails = np.array(state["whole"], np.int64), state.get("tails")
        return cls(
            whole,
            np.array(state["moving"], np.int64),
            Tails.none(len(whole)) if tails is None else Tails.from_state(tails),
            Scales.from_state(state["scales"]),
            Decorrelation.from_state(state["levels"]),
            Scales.from_state(state["level_scales"]),
            Decorrelation.from_state(state["movements"]),
            np.array(state["reach"]),
            Scales.from_state(state["static"]),
        )
