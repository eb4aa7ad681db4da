from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.training.monitor import EVERY, PATIENCE, ROWS, Monitor, relative_distance

Heard = Callable[[], list[str]]


@pytest.fixture
def heard(capsys: pytest.CaptureFixture[str]) -> Heard:
    """What was said since it was last asked."""
    return lambda: capsys.readouterr().err.splitlines()


def batch(spread: float, *, between: float = 0.0, labels: bool = False) -> SequenceBatch:
    """Frames of two labels, `between` apart, that lie `spread` around the middle of their label."""
    noise = torch.randn(2 * ROWS, 6, 3, generator=torch.Generator().manual_seed(1))
    label = torch.arange(2 * ROWS) % 2
    values = spread * noise + between * label[:, None, None]
    return SequenceBatch(values, torch.full((2 * ROWS,), 6), label if labels else None)


def test_the_distance_is_relative_to_that_of_real_sequences() -> None:
    assert relative_distance(batch(1.0), batch(0.3)) == pytest.approx(0.3)
    assert relative_distance(batch(1.0), batch(1.0)) == 1
    assert relative_distance(batch(0.0), batch(1.0)) is None


def test_labels_do_not_hide_a_collapse_within_them() -> None:
    real, fake = (batch(spread, between=20.0, labels=True) for spread in (1.0, 0.1))
    assert relative_distance(real, fake) == pytest.approx(0.1, rel=1e-4)
    without = (SequenceBatch(each.values, each.lengths) for each in (real, fake))
    assert relative_distance(*without) > 0.9


def test_tokens_have_no_distance() -> None:
    tokens = SequenceBatch(torch.ones(4, 3, dtype=torch.int64), torch.full((4,), 3))
    assert relative_distance(tokens, tokens) is None


def play(monitor: Monitor, rounds: range, spread: float, accuracy: float) -> list[dict[str, float]]:
    real, fake = batch(1.0), batch(spread)
    return [monitor.look(step, real, fake, accuracy) for step in rounds]


def test_a_collapse_is_said_once_until_it_is_over(heard: Heard) -> None:
    monitor = Monitor(speaks=True)
    values = play(monitor, range(1, PATIENCE + 1), 0.12, 0.7)
    assert sum(bool(each) for each in values) == PATIENCE // EVERY
    assert values[0] == {"generated/spread": pytest.approx(0.12)}
    assert heard() == []
    play(monitor, range(PATIENCE + 1, 3 * PATIENCE), 0.12, 0.7)
    (message,) = heard()
    assert message.startswith("warning: generated sequences are alike, their mean distance 0.12 of that of real ones")
    assert "since step 1: raise adversarial.penalty.gamma, give discriminator.group_size, or lower" in message
    begin = 3 * PATIENCE + 1
    play(monitor, range(begin, begin + 10 * EVERY), 0.9, 0.7)
    assert heard() == []
    begin += 10 * EVERY
    play(monitor, range(begin, begin + PATIENCE + 1), 0.12, 0.7)
    (again,) = heard()
    assert f"since step {begin}" in again


def test_a_discriminator_that_has_won_is_said(heard: Heard) -> None:
    play(Monitor(speaks=True), range(1, PATIENCE + 2), 1.0, 0.99)
    (message,) = heard()
    assert message.startswith("warning: the discriminator is right on 0.99 of the sequences, since step 1: raise adver")


def test_a_healthy_game_and_a_short_lapse_are_not_spoken_of(heard: Heard) -> None:
    monitor = Monitor(speaks=True)
    play(monitor, range(1, PATIENCE), 0.12, 0.99)
    play(monitor, range(PATIENCE + 1, 3 * PATIENCE), 0.95, 0.5)
    assert heard() == []


def test_other_processes_are_silent(heard: Heard) -> None:
    play(Monitor(speaks=False), range(1, PATIENCE + 2), 0.12, 0.99)
    assert heard() == []


def test_it_goes_on_where_it_stood(heard: Heard) -> None:
    first, second = Monitor(speaks=True), Monitor(speaks=True)
    play(first, range(1, PATIENCE), 0.12, 0.7)
    second.load_state_dict(first.state_dict())
    play(second, range(PATIENCE + 1, PATIENCE + 2), 0.12, 0.7)
    assert len(heard()) == 1
