from __future__ import annotations

import math

import pytest
import torch

from seqgan_toolkit.objectives.calibration import STRONGEST, calibrate


def samples(shares: list[float], count: int = 1000) -> torch.Tensor:
    """Indices in exactly these shares."""
    return torch.cat([torch.full((round(share * count),), index) for index, share in enumerate(shares)])


TRUTH, MODEL = [0.5, 0.3, 0.2], [0.2, 0.3, 0.5]
LOGITS = torch.tensor([math.log(p / q) for p, q in zip(TRUTH, MODEL, strict=True)])


@pytest.mark.parametrize("scale", [0.1, 1.0, 7.0])
def test_a_scaled_energy_gets_its_scale_back(scale: float) -> None:
    found = calibrate(scale * LOGITS[samples(TRUTH)], scale * LOGITS[samples(MODEL)])
    assert found.beta == pytest.approx(1 / scale, rel=1e-5)
    divergence = sum(p * math.log(p / q) for p, q in zip(TRUTH, MODEL, strict=True))
    assert found.gain == pytest.approx(divergence, rel=1e-5)


def test_a_shift_of_all_scores_changes_nothing() -> None:
    plain = calibrate(LOGITS[samples(TRUTH)], LOGITS[samples(MODEL)])
    shifted = calibrate(LOGITS[samples(TRUTH)] + 5, LOGITS[samples(MODEL)] + 5)
    assert shifted.gain == pytest.approx(plain.gain, abs=1e-6)


@pytest.mark.parametrize("scores", [torch.zeros(3), -LOGITS])
def test_a_discriminator_that_knows_nothing_or_is_wrong_is_left_out(scores: torch.Tensor) -> None:
    found = calibrate(scores[samples(TRUTH)], scores[samples(MODEL)])
    assert found.beta == pytest.approx(0.0, abs=1e-9)
    assert found.gain == pytest.approx(0.0, abs=1e-9)


def test_samples_that_are_parted_without_an_error_do_not_ask_for_an_endless_beta() -> None:
    found = calibrate(torch.ones(10), torch.zeros(10))
    assert found.beta <= STRONGEST
    assert math.isfinite(found.gain)
