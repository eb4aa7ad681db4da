from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, RecurrentEncoder
from seqgan_toolkit.models.heads import GroupSpread
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, TokenSpace

Make = Callable[..., Discriminator]
LENGTHS = torch.tensor([4, 1, 3, 2])


def tokens() -> SequenceBatch:
    return SequenceBatch(torch.tensor([[3, 5, 4, 2], [2, 0, 0, 0], [5, 5, 2, 0], [4, 2, 0, 0]]), LENGTHS)


def test_hard_tokens_equal_soft_tokens_on_the_corners(discriminator: Make) -> None:
    judge, hard = discriminator(TokenSpace(6)), tokens()
    soft = SequenceBatch(functional.one_hot(hard.values, 6).float(), hard.lengths)
    torch.testing.assert_close(judge(soft).scores, judge(hard).scores)


@pytest.mark.parametrize("per_step", [False, True])
def test_padding_does_not_matter(discriminator: Make, per_step: bool) -> None:
    encoders = [ConvolutionalEncoder(4, widths=(2, 3), channels=3), RecurrentEncoder(4, cell="gru", hidden_dim=5)]
    judge, batch = discriminator(TokenSpace(6), encoders, per_step=per_step), tokens()
    wider = SequenceBatch(functional.pad(batch.values, (0, 3), value=5), batch.lengths)
    expected, found = judge(batch), judge(wider)
    torch.testing.assert_close(found.scores[found.mask], expected.scores[expected.mask])


def test_per_step_scores_are_masked(discriminator: Make) -> None:
    verdict = discriminator(TokenSpace(6), per_step=True)(tokens())
    assert verdict.scores.shape == (4, 5)
    assert verdict.mask.sum(1).tolist() == [5, 2, 4, 3]
    whole = discriminator(TokenSpace(6))(tokens())
    assert whole.scores.shape == (4, 1)
    assert whole.mask.all()


def test_per_step_scores_of_grouped_frames(discriminator: Make) -> None:
    encoders = [RecurrentEncoder(2, cell="gru", hidden_dim=5, frames_per_step=3)]
    judge = discriminator(FrameSpace(2), encoders, per_step=True)
    verdict = judge(SequenceBatch(torch.rand(2, 7, 2), torch.tensor([7, 3])))
    assert verdict.mask.tolist() == [[True, True, True, True], [True, True, False, False]]


def test_rows_do_not_see_each_other_without_groups(discriminator: Make) -> None:
    judge, batch = discriminator(TokenSpace(6), num_labels=3), tokens()
    labelled = SequenceBatch(batch.values, batch.lengths, torch.tensor([0, 1, 2, 1]))
    expected = judge(labelled).scores
    for row in range(4):
        torch.testing.assert_close(judge(labelled.rows(slice(row, row + 1))).scores[0], expected[row])


def test_the_spread_stays_within_groups(discriminator: Make) -> None:
    judge, batch = discriminator(TokenSpace(6), group_size=2), tokens()
    expected = judge(batch).scores
    changed = batch.values.clone()
    changed[3, 0] = 5
    found = judge(SequenceBatch(changed, batch.lengths)).scores
    assert torch.equal(found[:2], expected[:2])
    assert (found[2:] != expected[2:]).all()


def test_the_spread_is_the_standard_deviation_of_a_group() -> None:
    torch.manual_seed(1)
    spread = GroupSpread(3, 2, 4)
    features = torch.randn(8, 3)
    projected = spread.project(features)
    expected = torch.cat([half.std(0, correction=0).expand(4, -1) for half in projected.split(4)])
    torch.testing.assert_close(spread(features), expected, rtol=1e-3, atol=1e-3)


def test_a_group_of_equals_has_a_gradient() -> None:
    spread = GroupSpread(3, 2, 4)
    features = torch.ones(4, 3, requires_grad=True)
    spread(features).sum().backward()
    assert torch.isfinite(features.grad).all()


@pytest.mark.parametrize("per_step", [False, True])
def test_the_label_enters_by_projection(discriminator: Make, per_step: bool) -> None:
    judge, batch = discriminator(TokenSpace(6), num_labels=3, per_step=per_step), tokens()
    first, second = (judge(SequenceBatch(batch.values, batch.lengths, torch.full((4,), label))) for label in (0, 1))
    assert torch.equal(first.features, second.features)
    table = judge.heads[0].score.labels.weight
    difference = first.features @ (table[1] - table[0])
    torch.testing.assert_close(second.scores[:, 0] - first.scores[:, 0], difference)
    if per_step:
        assert (first.scores[:, 1] != second.scores[:, 1]).all()


def test_without_a_dense_layer_the_features_are_scored(discriminator: Make) -> None:
    judge = discriminator(TokenSpace(6), dense_dim=0)
    verdict = judge(tokens())
    features = judge.encoders[0](judge.embed(tokens().values), LENGTHS)
    torch.testing.assert_close(verdict.features, features)
    torch.testing.assert_close(verdict.scores, judge.heads[0].score.linear(features))


def test_padding_of_each_space(discriminator: Make) -> None:
    assert discriminator(FrameSpace(2, low=-3.0)).padding == -3.0
    assert discriminator(TokenSpace(6)).padding == 0.0


def test_halves_of_a_verdict() -> None:
    verdict = Verdict(torch.arange(4.0)[:, None], torch.ones(4, 1, dtype=torch.bool), torch.arange(8.0).view(4, 2))
    real, fake = verdict.halves()
    assert real.scores[:, 0].tolist() == [0, 1]
    assert fake.scores[:, 0].tolist() == [2, 3]
    assert fake.features.tolist() == [[4, 5], [6, 7]]


def test_separate_heads_see_one_encoder_each(discriminator: Make) -> None:
    encoders = [ConvolutionalEncoder(4, widths=(2, 3), channels=3), RecurrentEncoder(4, cell="gru", hidden_dim=5)]
    judge, batch = discriminator(TokenSpace(6), encoders, head_weights=[2.0, 0.5], num_labels=3), tokens()
    labels, inputs = torch.tensor([0, 1, 2, 1]), judge.embed(batch.values)
    verdict = judge(SequenceBatch(batch.values, batch.lengths, labels))
    assert verdict.mask.tolist() == [[2.0, 0.5]] * 4
    for column, encoder in enumerate(encoders):
        scores, features = judge.heads[column](encoder(inputs, LENGTHS), labels)
        torch.testing.assert_close(verdict.scores[:, column], scores[:, 0])
        torch.testing.assert_close(verdict.features[:, 6 * column : 6 * column + 6], features)
    wider = judge(SequenceBatch(functional.pad(batch.values, (0, 3), value=5), batch.lengths, labels))
    torch.testing.assert_close(wider.scores, verdict.scores)


@pytest.mark.parametrize("loss", ["relativistic_pairing", "non_saturating"])
def test_a_loss_weighs_the_columns_of_separate_heads(loss: str) -> None:
    real, fake = torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([[0.2, 0.1], [-1.0, 2.0]])
    weights = torch.tensor([2.0, 0.5]).expand(2, 2)
    found = LOSSES[loss].discriminator(Verdict(real, weights, real), Verdict(fake, weights, fake))
    columns = (
        functional.softplus(fake - real).mean(0)
        if loss == "relativistic_pairing"
        else functional.softplus(-real).mean(0) + functional.softplus(fake).mean(0)
    )
    assert float(found) == pytest.approx((2.0 * float(columns[0]) + 0.5 * float(columns[1])) / 2.5)


def test_steps_alone(discriminator: Make) -> None:
    judge, both = (discriminator(TokenSpace(6), per_step=True, whole=whole) for whole in (False, True))
    both.load_state_dict(judge.state_dict(), strict=False)
    alone, joined = judge(tokens()), both(tokens())
    torch.testing.assert_close(alone.scores, joined.scores[:, 1:])
    assert alone.mask.sum(1).tolist() == LENGTHS.tolist()
    torch.testing.assert_close(alone.features, judge.encoders[0](judge.embed(tokens().values), LENGTHS))


@pytest.mark.parametrize("projection", [False, True])
def test_the_label_joins_every_step(discriminator: Make, projection: bool) -> None:
    encoders = [RecurrentEncoder(2 + 3, cell="gru", hidden_dim=5)]
    settings = {"num_labels": 3, "label_dim": 3, "projection": projection, "per_step": True}
    judge, frames = discriminator(FrameSpace(2), encoders, **settings), torch.rand(4, 4, 2, requires_grad=True)
    first, second = (judge.judge(frames, LENGTHS, torch.full((4,), label)) for label in (0, 1))
    # The states know the label, where projection alone would leave the features as they are.
    assert (first.features != second.features).any(dim=1).all()
    assert (judge.heads[0].score.labels is not None) == projection
    by_hand = torch.cat([frames, judge.label.table.weight[1].expand(4, 4, 3)], dim=-1)
    states, steps = encoders[0].states(by_hand, LENGTHS)
    torch.testing.assert_close(second.scores[:, 1:], judge.step_score(states, torch.ones(4, dtype=torch.int64)))
    (gradient,) = torch.autograd.grad(first.scores.sum(), frames)
    assert (gradient.abs().sum(-1)[steps > 3] > 0).all()
    wider = judge.judge(functional.pad(frames, (0, 0, 0, 2), value=9.0), LENGTHS, torch.full((4,), 0))
    torch.testing.assert_close(wider.scores[wider.mask], first.scores[first.mask])
