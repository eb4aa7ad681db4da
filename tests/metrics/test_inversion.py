"""The ratio of two mean errors, and its interval."""

from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.metrics.frames.inversion import inversion_measurements


def test_equal_errors_have_an_exact_ratio() -> None:
    found = inversion_measurements(torch.full((5,), 0.2), torch.full((8,), 0.25))
    assert found["inversion_error"].value == pytest.approx(0.25)
    ratio = found["inversion_training_ratio"]
    assert (ratio.value, *ratio.interval) == pytest.approx((0.8, 0.8, 0.8))
    assert not ratio.note.startswith("warning")
    assert inversion_measurements(torch.full((5,), 0.1), torch.full((8,), 0.25))[
        "inversion_training_ratio"
    ].note.startswith("warning: ")


def test_the_interval_has_the_width_of_fresh_draws() -> None:
    generator = torch.Generator().manual_seed(0)
    found = [
        inversion_measurements(*(0.1 + torch.rand(2, 60, generator=generator)))["inversion_training_ratio"]
        for _ in range(300)
    ]
    spread = float(torch.tensor([one.value for one in found]).std())
    half = sum((one.interval[1] - one.interval[0]) / 2 for one in found) / len(found)
    assert half == pytest.approx(1.96 * spread, rel=0.15)
    assert sum(one.interval[0] < 1 < one.interval[1] for one in found) / len(found) == pytest.approx(0.95, abs=0.04)


def test_exact_copies_have_no_ratio() -> None:
    assert inversion_measurements(torch.zeros(3), torch.zeros(3))["inversion_training_ratio"].value is None
