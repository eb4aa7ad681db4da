from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.teacher_forcing import FrameTeacher, TokenTeacher

Make = Callable[..., TokenGenerator]
MakeAutoregressive = Callable[..., AutoregressiveFrameGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]

TOKENS = SequenceBatch(torch.tensor([[3, 4, 2], [4, 2, 0], [2, 0, 0]]), torch.tensor([3, 2, 1]))


def test_the_loss_is_the_likelihood(token_generator: Make) -> None:
    generator = token_generator()
    inputs = torch.tensor([[1, 3, 4], [1, 4, 2], [1, 2, 0]])
    logits = generator(TOKENS, inputs, Draws(1, "noise")).log_softmax(-1)
    nats = -sum(logits[row, step, TOKENS.values[row, step]] for row in range(3) for step in range(3 - row))
    found = TokenTeacher(generator, mean_length=2.5).loss(TOKENS, Draws(1, "noise"), 0.0)
    torch.testing.assert_close(found, nats / (3 * 2.5))


def test_padding_does_not_change_the_loss(token_generator: Make) -> None:
    teacher = TokenTeacher(token_generator(), 2.0)
    wider = SequenceBatch(torch.nn.functional.pad(TOKENS.values, (0, 4)), TOKENS.lengths)
    losses = [teacher.loss(batch, Draws(1, "noise"), 0.0) for batch in (TOKENS, wider)]
    torch.testing.assert_close(*losses)


def test_the_loss_is_the_mean_over_processes(token_generator: Make) -> None:
    teacher = TokenTeacher(token_generator(), 2.0)
    four = TOKENS.rows([0, 1, 2, 2])
    parts = [teacher.loss(four.rows(slice(first, first + 2)), Draws(1, "n"), 0.0) for first in (0, 2)]
    torch.testing.assert_close(sum(parts) / 2, teacher.loss(four, Draws(1, "n"), 0.0))


def test_scheduled_sampling_feeds_the_models_own_tokens(token_generator: Make) -> None:
    generator = token_generator()
    with torch.no_grad():
        generator.head.weight.zero_()
        generator.head.bias.copy_(torch.tensor([30.0, 30.0, 0.0, 30.0, 0.0]))
    fed: list[torch.Tensor] = []
    generator.embedding.register_forward_pre_hook(lambda _, arguments: fed.append(arguments[0]))
    data = SequenceBatch(torch.full((400, 6), 4), torch.full((400,), 6))
    TokenTeacher(generator, 6.0).loss(data, Draws(1, "noise"), 0.3)
    inputs = fed[-1]
    assert (inputs[:, 0] == 1).all(), "every sequence starts with the start token"
    own = (inputs[:, 1:] == 3).float().mean()
    assert float(own) == pytest.approx(0.3, abs=4 * (0.21 / 2000) ** 0.5)
    assert ((inputs[:, 1:] == 3) | (inputs[:, 1:] == 4)).all(), "and never goes on with padding or start"


def test_scheduled_sampling_draws_well_in_bfloat16(token_generator: Make) -> None:
    generator = token_generator(size=400)
    fed: list[torch.Tensor] = []
    generator.embedding.register_forward_pre_hook(lambda _, arguments: fed.append(arguments[0]))
    with torch.no_grad():
        generator.head.weight.zero_()
        generator.head.bias.zero_()
    data = SequenceBatch(torch.full((500, 9), 4), torch.full((500,), 9))
    with torch.autocast("cpu", torch.bfloat16):
        TokenTeacher(generator, 9.0).loss(data, Draws(1, "noise"), 0.99)
    # Sums of probabilities in bfloat16 have some 256 values, and most of the 398 tokens would never come.
    assert len(fed[-1].unique()) > 390


def frame_batch() -> SequenceBatch:
    generator = torch.Generator().manual_seed(1)
    lengths = torch.tensor([5, 2, 4])
    values = torch.rand(3, 5, 3, generator=generator) * 2 - 1
    inside = torch.arange(5) < lengths[:, None]
    return SequenceBatch(torch.where(inside[..., None], values, -1.0), lengths)


def test_the_loss_of_frames(autoregressive_generator: MakeAutoregressive) -> None:
    generator, batch = autoregressive_generator(), frame_batch()
    inputs = torch.cat([torch.full((3, 1, 3), -1.0), batch.values[:, :-1]], dim=1)
    frames, stops = generator(inputs, None, Draws(1, "noise"))
    difference = (frames - batch.values)[batch.mask]
    regression = (difference.abs() + difference.square()).mean(-1).sum() / 11
    ends = torch.zeros(3, 5)
    ends[range(3), batch.lengths - 1] = 1
    stop = torch.nn.functional.binary_cross_entropy_with_logits(stops[batch.mask], ends[batch.mask])
    found = FrameTeacher(generator, Ranks(), stop_weight=0.3).loss(batch, Draws(1, "noise"), 0.0)
    torch.testing.assert_close(found, regression + 0.3 * stop)


@pytest.mark.parametrize("frames_per_step", [1, 2, 3])
def test_padding_does_not_change_the_loss_of_frames(
    autoregressive_generator: MakeAutoregressive, frames_per_step: int
) -> None:
    teacher = FrameTeacher(autoregressive_generator(frames_per_step=frames_per_step), Ranks(), stop_weight=0.3)
    batch = frame_batch()
    wider = SequenceBatch(torch.nn.functional.pad(batch.values, (0, 0, 0, 4), value=-1.0), batch.lengths)
    losses = [teacher.loss(given, Draws(1, "noise"), 0.0) for given in (batch, wider)]
    torch.testing.assert_close(*losses)


def test_scheduled_sampling_feeds_the_models_own_frames(autoregressive_generator: MakeAutoregressive) -> None:
    generator, batch = autoregressive_generator(), frame_batch()
    fed: list[torch.Tensor] = []
    generator.register_forward_pre_hook(lambda _, arguments: fed.append(arguments[0]))
    FrameTeacher(generator, Ranks(), stop_weight=0.3).loss(batch, Draws(1, "noise"), 0.5)
    data, mixed = fed
    changed = (data != mixed).any(-1)
    assert not changed[:, 0].any()
    assert 0 < int(changed.sum()) < 12
