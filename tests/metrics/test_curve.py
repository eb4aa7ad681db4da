"""Curves of quality against diversity: fronts, areas and who dominates, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.text.curve import Curve, area, common_range, compare


def measured(value: float | None, half: float = 0.0, *, higher_is_better: bool = True) -> Measurement:
    interval = None if value is None else (value - half, value + half)
    return Measurement(value, interval, 1, higher_is_better)


def curve(*points: tuple[float, float], half: float = 0.0) -> Curve:
    """A curve through points of diversity and quality, more of which is better, with intervals on both."""
    return Curve.of([(measured(quality, half), measured(diversity, half)) for diversity, quality in points])


LINE = ((0.0, 3.0), (1.0, 2.0), (2.0, 1.0))
NUMBERS = st.integers(-20, 20).map(float)


def test_area_by_hand() -> None:
    bent = curve((0, 4), (1, 2), (3, 1))
    # Over 0.5 to 2: from 3 to 2 on half a unit, then from 2 to 1.5 on one.
    assert area(bent, 0.5, 2) == pytest.approx((2.5 * 0.5 + 1.75 * 1) / 1.5)
    assert common_range([bent, curve((0.5, 9), (2, 8))]) == (0.5, 2)
    assert common_range([bent, curve((3.5, 9), (4, 8))]) is None
    assert common_range([bent, curve((1, 9))]) is None


def test_a_metric_of_which_less_is_better_is_turned() -> None:
    points = [(measured(2.0, higher_is_better=False), measured(value, higher_is_better=False)) for value in (1.0,)]
    turned = Curve.of(points)
    assert (turned.quality.tolist(), turned.diversity.tolist()) == ([-2.0], [-1.0])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_the_front_is_what_no_other_point_beats(points: list[tuple[float, float]]) -> None:
    found = curve(*points)
    front = set(zip(found.diversity.tolist(), found.quality.tolist(), strict=True))
    beaten = {one for one in points for other in points if other != one and other[0] >= one[0] and other[1] >= one[1]}
    assert front == set(points) - beaten
    assert (np.diff(found.diversity) > 0).all()
    assert (np.diff(found.quality) < 0).all()


def test_the_sweep_of_one_model_does_not_dominate_itself() -> None:
    # The same line, met at other temperatures.
    shifted = curve((0.3, 2.7), (0.9, 2.1), (1.7, 1.3))
    found = compare(curve(*LINE), shifted)
    assert found is not None
    assert found.gap == pytest.approx(0)
    assert found.winner is None


@pytest.mark.parametrize(
    ("rise", "half", "winner"), [(0.5, 0.1, 0), (0.5, 0.3, None), (-0.5, 0.1, 1), (0.0, 0.0, None)]
)
def test_a_higher_curve_dominates_where_intervals_allow(rise: float, half: float, winner: int | None) -> None:
    raised = curve(*((diversity, quality + rise) for diversity, quality in LINE), half=half)
    found = compare(raised, curve(*LINE, half=half))
    assert found is not None
    assert found.gap == pytest.approx(rise)
    # Each curve has `half` on quality and, the slope being 1, `half` more from diversity.
    assert found.half == pytest.approx(2 * half)
    assert found.winner == winner


def test_curves_that_cross_have_no_winner() -> None:
    found = compare(curve((0, 5), (2, 0)), curve(*LINE))
    assert found is not None
    assert found.gap > 0
    assert found.winner is None


def test_points_without_value_are_left_out() -> None:
    found = Curve.of([(measured(None), measured(1.0)), (measured(2.0), measured(1.0))])
    assert found.quality.tolist() == [2.0]
    assert len(Curve.of([]).quality) == 0
