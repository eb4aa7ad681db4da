from __future__ import annotations

from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sequences import length_mask
from seqgan_toolkit.training.augmentation import MOST, OPERATIONS, PACE, Augmentation

KINDS = pytest.mark.parametrize("kind", OPERATIONS)
ROWS, STEPS, DIM, LOW = 64, 24, 3, -1.0


def augmentation(*kinds: str, **settings: Any) -> Augmentation:
    return Augmentation(kinds, **{"target": None, "probability": 1.0, "low": LOW, **settings})


def sequences() -> tuple[torch.Tensor, torch.Tensor]:
    """Frames whose every value is another one, of all lengths, padded."""
    generator = torch.Generator().manual_seed(2)
    lengths = torch.randint(1, STEPS + 1, (ROWS,), generator=generator)
    frames = torch.rand(ROWS, STEPS, DIM, generator=generator) - 0.5
    return torch.where(length_mask(lengths, STEPS)[..., None], frames, LOW), lengths


def test_nothing_happens_with_probability_zero() -> None:
    frames, lengths = sequences()
    found, found_lengths = augmentation(*OPERATIONS, probability=0.0)(frames, lengths, Draws(1, "augment"))
    assert torch.equal(found, frames)
    assert torch.equal(found_lengths, lengths)


@KINDS
def test_padding_stays_padding_and_lengths_tell_where(kind: str) -> None:
    frames, lengths = sequences()
    found, found_lengths = augmentation(kind)(frames, lengths, Draws(1, "augment"))
    assert (found[~length_mask(found_lengths, STEPS)] == LOW).all()
    assert (found_lengths >= 1).all()
    assert (found_lengths <= lengths).all()
    assert (found != frames).flatten(1).any(1).sum() > ROWS // 2
    if kind != "crop":
        assert torch.equal(found_lengths, lengths)


@KINDS
def test_the_probability_is_that_of_each_sequence(kind: str) -> None:
    frames = torch.rand(2000, STEPS, DIM, generator=torch.Generator().manual_seed(1))
    lengths = torch.full((2000,), STEPS)
    settings = [augmentation(kind), augmentation(kind, probability=0.25)]
    changed = [(one(frames, lengths, Draws(1, "a"))[0] != frames).flatten(1).any(1).float().mean() for one in settings]
    # Some changes are none: a shift by nothing.
    assert changed[1] / changed[0] == pytest.approx(0.25, abs=0.04)


@KINDS
def test_a_gradient_reaches_the_frames_alone(kind: str) -> None:
    frames, lengths = sequences()
    frames.requires_grad_(True)
    found, _ = augmentation(kind)(frames, lengths, Draws(1, "augment"))
    found.square().sum().backward()
    inside = length_mask(lengths, STEPS)
    # A band blanks at least one value of three, and here no more; the others blank a quarter of the steps at most.
    if kind == "band":
        assert (frames.grad[inside] != 0).sum(-1).eq(DIM - 1).all()
    else:
        assert (frames.grad[inside] != 0).float().mean() > 0.7
    assert (frames.grad[~inside] == 0).all()


def test_a_crop_is_a_span_of_the_sequence() -> None:
    frames, lengths = sequences()
    found, kept = augmentation("crop")(frames, lengths, Draws(1, "augment"))
    begins = []
    for row in range(ROWS):
        assert lengths[row] * 3 / 4 <= kept[row]
        spans = frames[row, : lengths[row]].unfold(0, int(kept[row]), 1).transpose(1, 2)
        (begin,) = (spans == found[row, : kept[row]]).flatten(1).all(1).nonzero()[:, 0].tolist()
        begins.append(begin)
    assert len(set(begins)) > 3


def test_a_shift_keeps_order_and_fills_with_the_edge() -> None:
    frames = torch.arange(16.0).view(1, 16, 1).expand(200, -1, -1)
    found, _ = augmentation("shift")(frames, torch.full((200,), 16), Draws(1, "augment"))
    moved = {int(row[8]) - 8 for row in found[..., 0]}
    assert moved == {-2, -1, 0, 1, 2}
    for row in found[..., 0]:
        by = int(row[8]) - 8
        assert row.tolist() == [min(max(step + by, 0), 15) for step in range(16)]


def test_a_factor_leaves_the_lowest_value() -> None:
    frames, lengths = torch.full((500, 4, 1), LOW), torch.full((500,), 4)
    frames[:, 2:] = 0.0
    found, _ = augmentation("scale")(frames, lengths, Draws(1, "augment"))
    assert (found[:, :2] == LOW).all()
    heights = found[:, 2, 0] - LOW
    assert torch.equal(found[:, 2], found[:, 3])
    assert heights.log().std().item() == pytest.approx(0.2, rel=0.1)


def test_a_gain_moves_what_is_heard_and_leaves_silence() -> None:
    frames, lengths = sequences()
    frames[:, :, 0] = LOW
    found, _ = augmentation("gain")(frames, lengths, Draws(1, "augment"))
    inside = length_mask(lengths, STEPS)
    assert (found[..., 0] == LOW).all()
    moved = (found - frames)[..., 1:]
    first = moved[:, :1, :1].expand_as(moved)
    torch.testing.assert_close(moved[inside], first[inside])
    assert 0.05 < float(first[:, 0, 0].std()) < 0.12


def test_a_band_is_blank_in_all_frames() -> None:
    frames = torch.rand(ROWS, STEPS, 16, generator=torch.Generator().manual_seed(1))
    found, _ = augmentation("band")(frames, torch.full((ROWS,), STEPS), Draws(1, "augment"))
    blank = (found == LOW).all(1)
    assert torch.equal(blank, (found == LOW).any(1)), "a value is blank in all frames or in none"
    widths = blank.sum(1)
    assert set(widths.tolist()) == {1, 2, 3, 4}
    edges = blank.int().diff(dim=1).abs().sum(1) + blank[:, 0].int() + blank[:, -1].int()
    assert (edges == 2).all(), "neighbouring values"


def test_the_probability_follows_the_discriminator() -> None:
    sure, guessing = (augmentation("noise", target=0.6, probability=0.2) for _ in range(2))
    for _ in range(100):
        sure.adapt(1.0)
        guessing.adapt(0.5)
    assert sure.probability == pytest.approx(0.2 + 100 * PACE)
    assert guessing.probability == pytest.approx(0.2 - 100 * PACE)
    for _ in range(round(1 / PACE)):
        sure.adapt(0.81)  # an advantage of .62
        guessing.adapt(0.79)
    assert (sure.probability, guessing.probability) == (MOST, 0.0)


def test_without_a_target_the_probability_stays() -> None:
    fixed = augmentation("noise", probability=0.3)
    fixed.adapt(1.0)
    assert fixed.probability == 0.3
