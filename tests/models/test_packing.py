from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.encoders import PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.packing import pack
from seqgan_toolkit.objectives.penalties import exact_penalty, finite_difference_penalty
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, length_mask

Make = Callable[..., Discriminator]
LENGTHS, LABELS = torch.tensor([5, 3, 2, 4, 1, 5]), torch.tensor([2, 2, 0, 0, 1, 1])


def frames() -> torch.Tensor:
    return torch.rand(6, 5, 2, generator=torch.Generator().manual_seed(1))


def packed(discriminator: Make, size: int, **settings: object) -> Discriminator:
    encoders = [
        RecurrentEncoder(2 * size, cell="gru", hidden_dim=5),
        PatchEncoder(2 * size, max_length=5, channels=(3,), dense_dim=4),
    ]
    return discriminator(FrameSpace(2), encoders, packing=size, **settings)


def test_frames_stand_beside_each_other() -> None:
    inputs, lengths, labels = pack(frames(), LENGTHS, LABELS, 2, -1.0)
    assert inputs.shape == (3, 5, 4)
    assert lengths.tolist() == [5, 4, 5]
    assert labels is not None
    assert labels.tolist() == [2, 0, 1]
    for number in range(3):
        for member in range(2):
            row, length = 2 * number + member, int(LENGTHS[2 * number + member])
            own = inputs[number, :, 2 * member : 2 * member + 2]
            assert torch.equal(own[:length], frames()[row, :length])
            assert (own[length:] == -1).all()


def test_a_pack_is_judged_like_its_concatenation_by_hand(discriminator: Make) -> None:
    judge, full = packed(discriminator, 3, num_labels=3), torch.full((6,), 5)
    verdict = judge(SequenceBatch(frames(), full, torch.tensor([1, 1, 1, 2, 2, 2])))
    by_hand = torch.stack([torch.cat(list(frames()[start : start + 3]), dim=-1) for start in (0, 3)])
    alone = copy.deepcopy(judge)
    alone.packing = 1
    expected = alone(SequenceBatch(by_hand, torch.tensor([5, 5]), torch.tensor([1, 2])))
    assert verdict.scores.shape == (2, 1)
    torch.testing.assert_close(verdict.scores, expected.scores)
    torch.testing.assert_close(verdict.features, expected.features)


@pytest.mark.parametrize("per_step", [False, True])
def test_padding_does_not_matter(discriminator: Make, per_step: bool) -> None:
    judge = packed(discriminator, 2, per_step=per_step)
    expected = judge(SequenceBatch(frames(), LENGTHS))
    other = torch.where(length_mask(LENGTHS, 5)[..., None], frames(), 7.0)
    found = judge(SequenceBatch(other, LENGTHS))
    torch.testing.assert_close(found.scores[found.mask], expected.scores[expected.mask])


def test_the_spread_is_that_of_packs_within_a_group(discriminator: Make) -> None:
    judge = packed(discriminator, 2, group_size=4)
    values = torch.cat([frames(), frames()[:2]])
    expected = judge(SequenceBatch(values, torch.full((8,), 5))).scores
    values[7] += 1
    found = judge(SequenceBatch(values, torch.full((8,), 5))).scores
    assert torch.equal(found[:2], expected[:2])
    assert (found[2:] != expected[2:]).all()


def test_both_penalties_take_the_gradient_of_a_whole_pack(discriminator: Make) -> None:
    judge = packed(discriminator, 2)
    inputs, mask = frames(), length_mask(LENGTHS, 5)

    def verdict(values: torch.Tensor) -> Verdict:
        return judge.judge(values, LENGTHS, None)

    exact = exact_penalty(verdict, inputs, mask, 1.0)
    draws = Draws(1, "directions")
    with torch.no_grad():
        scored = verdict(inputs)
        estimates = [finite_difference_penalty(verdict, scored, inputs, mask, 1.0, 1e-2, draws) for _ in range(400)]
    assert float(torch.stack(estimates).mean()) == pytest.approx(float(exact.detach()), rel=0.25)
    leaf = inputs.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(judge.judge(leaf, LENGTHS, None).scores.sum(), leaf)
    by_hand = (gradient * mask[..., None]).square().view(3, -1).sum(1).mean() / 2
    assert float(exact.detach()) == pytest.approx(float(by_hand), rel=1e-4)
