from __future__ import annotations

import pytest

from seqgan_toolkit.objectives.schedules import Shape, between, held_then_falling, towards


@pytest.mark.parametrize(("shape", "middle"), [("linear", 1.25), ("exponential", (2 * 0.5) ** 0.5), ("cosine", 1.25)])
def test_between(shape: Shape, middle: float) -> None:
    values = [between(2.0, 0.5, done, shape) for done in (0.0, 0.5, 1.0)]
    assert values == pytest.approx([2.0, middle, 0.5])


def test_a_cosine_starts_and_ends_slowly() -> None:
    assert between(0.0, 1.0, 0.1, "cosine") < 0.03
    assert between(0.0, 1.0, 0.9, "cosine") > 0.97


def test_held_then_falling() -> None:
    assert [held_then_falling(done, 0.5, 0.1) for done in (0.0, 0.5, 0.75, 1.0)] == pytest.approx([1, 1, 0.55, 0.1])
    assert held_then_falling(1.0, 1.0, 0.1) == 1


def test_towards_an_end_where_there_is_one() -> None:
    assert [towards(2.0, 1.0, done) for done in (0.0, 0.5, 1.0)] == pytest.approx([2.0, 1.5, 1.0])
    assert towards(2.0, None, 0.7) == 2.0
