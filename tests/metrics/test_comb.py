"""The comb at the step boundaries of a generator."""

from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.metrics.clips.comb import CombPanel
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch


def walk(period: int, place: int, height: float) -> SequenceBatch:
    """Frames that change by 1 at every step, and by `height` at one place of every period."""
    steps = torch.where(torch.arange(24) % period == place, height, 1.0)
    signs = torch.randint(2, (30, 24, 5), generator=torch.Generator().manual_seed(0)) * 2.0 - 1
    values = (signs * steps[:, None]).cumsum(1)
    values[:, 20:] = 1000.0  # padding must not matter
    return SequenceBatch(values, torch.full((30,), 20))


def comb(batch: SequenceBatch, period: int) -> float:
    value = CombPanel(period).measure(Sample(batch, []))["comb"].value
    assert value is not None
    return value


@pytest.mark.parametrize("period", [2, 3, 4])
def test_none_is_one(period: int) -> None:
    assert comb(walk(period, 0, 1.0), period) == pytest.approx(1)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_comb_is_found_wherever_it_lies(place: int) -> None:
    measured = CombPanel(4).measure(Sample(walk(4, place, 1.4), []))["comb"]
    assert measured.value == pytest.approx(1.4, rel=1e-4)
    assert (f"{place} frames behind" in measured.note) == (place > 0)


def test_two_frames_a_step_alternate() -> None:
    assert comb(walk(2, 0, 2.0), 2) == pytest.approx(2, rel=1e-4)
    assert comb(walk(2, 1, 2.0), 2) == pytest.approx(2, rel=1e-4)


def test_still_and_short_sequences_have_none() -> None:
    still = SequenceBatch(torch.zeros(3, 9, 2), torch.full((3,), 9))
    assert CombPanel(2).measure(Sample(still, []))["comb"].value is None
    short = SequenceBatch(torch.randn(3, 2, 2), torch.full((3,), 2))
    assert CombPanel(4).measure(Sample(short, []))["comb"].value is None
