"""Quality against diversity over a sweep of temperature, and whether one model's curve lies above another's.

A point says little: lowering the temperature buys quality with diversity, without any training. What counts is which
curve is higher at equal diversity (Caccia et al. 2020, "Language GANs Falling Short").

Both axes are turned so that more is better. Of the points of a model only its front is used: those than which no other
of its points is better in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.metrics.base import Measurement

VERSION = 1
PLANES = (
    ("bleu_4", "self_bleu_4"),
    ("bleu_4", "held_out_nll"),
    ("lm_score", "reverse_lm_score"),
    ("nll_oracle", "nll_test"),
    ("grammatical", "cross_entropy_of_grammar"),
)
"""Pairs of metrics that are drawn against each other where both are measured: quality, then diversity."""

ENTROPIES = {"nll_test": "nll_oracle", "cross_entropy_of_grammar": "cross_entropy_to_grammar"}
"""Where the source is known: its own likelihood of test data has the expectation that real data have in this metric."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The front of one model, from the least to the most diverse of its points.

    Attributes:
        diversity: float64 [P], rising.
        quality: float64 [P], falling.
        diversity_half: float64 [P], half the widths of the intervals.
        quality_half: float64 [P], likewise.
    """

    diversity: Values
    quality: Values
    diversity_half: Values
    quality_half: Values

    @classmethod
    def of(cls, points: Sequence[tuple[Measurement, Measurement]]) -> Curve:
        """Take the front of points, pairs of quality and diversity; those without a value are left out."""
        rows = sorted(
            (*_turned(diversity), *_turned(quality))
            for quality, diversity in points
            if quality.value is not None and diversity.value is not None
        )
        front: list[tuple[float, ...]] = []
        for row in reversed(rows):
            if not front or row[2] > front[-1][2]:
                front.append(row)
        columns = np.array(front[::-1], dtype=np.float64).reshape(-1, 4).T
        return cls(columns[0], columns[2], columns[1], columns[3])

    def quality_at(self, diversity: Values) -> Values:
        """Return the quality at diversities within the curve's range, in a line between its points."""
        return np.interp(diversity, self.diversity, self.quality)

    def half_at(self, diversity: Values) -> Values:
        """Return half the interval of `quality_at`, that of the diversity turned into quality by the slope."""
        quality_half = np.interp(diversity, self.diversity, self.quality_half)
        diversity_half = np.interp(diversity, self.diversity, self.diversity_half)
        piece = np.searchsorted(self.diversity, diversity).clip(1, len(self.diversity) - 1)
        slope = (np.diff(self.quality) / np.diff(self.diversity))[piece - 1]
        return np.asarray(np.hypot(quality_half, slope * diversity_half))


@dataclass(frozen=True)
class Comparison:
    """How far one curve lies above another over the diversities that both reach.

    Attributes:
        gap: the mean difference in quality at equal diversity; above 0 the first is better.
        half: half its interval, as if the errors along the curves were all one, which is cautious.
        best: the difference where the first is best, less its interval.
        worst: the difference where the first is worst, plus its interval.
    """

    gap: float
    half: float
    best: float
    worst: float

    @property
    def winner(self) -> int | None:
        """0 or 1 where that curve dominates: nowhere worse and better on the whole, by the intervals; else None."""
        if self.worst >= 0 and self.gap > self.half:
            return 0
        return 1 if self.best <= 0 and self.gap < -self.half else None


def common_range(curves: Sequence[Curve]) -> tuple[float, float] | None:
    """Return the diversities that all curves reach, or None where there are none."""
    if any(len(curve.diversity) < 2 for curve in curves):
        return None
    low = max(float(curve.diversity[0]) for curve in curves)
    high = min(float(curve.diversity[-1]) for curve in curves)
    return (low, high) if low < high else None


def area(curve: Curve, low: float, high: float) -> float:
    """Return the area under a curve between two diversities over their distance: its mean quality there."""
    levels = _levels([curve], low, high)
    return _mean(curve.quality_at(levels), levels)


def compare(one: Curve, other: Curve) -> Comparison | None:
    """Compare two curves over the diversities that both reach; None where there are none."""
    shared = common_range([one, other])
    if shared is None:
        return None
    levels = _levels([one, other], *shared)
    gaps = one.quality_at(levels) - other.quality_at(levels)
    halves = np.hypot(one.half_at(levels), other.half_at(levels))
    gap, half = _mean(gaps, levels), _mean(halves, levels)
    return Comparison(gap, half, float((gaps - halves).max()), float((gaps + halves).min()))


def _levels(curves: Sequence[Curve], low: float, high: float) -> Values:
    """Return the ends of a range and every bend of the curves between them."""
    bends = np.concatenate([curve.diversity for curve in curves])
    return np.unique([low, *bends[(bends > low) & (bends < high)], high])


def _mean(values: Values, levels: Values) -> float:
    return float(np.trapezoid(values, levels)) / float(levels[-1] - levels[0])


def _turned(measured: Measurement) -> tuple[float, float]:
    """Return a value of which more is better, and half its interval (0 where it has none)."""
    assert measured.value is not None
    half = 0.0 if measured.interval is None else (measured.interval[1] - measured.interval[0]) / 2
    return measured.value if measured.higher_is_better else -measured.value, half
