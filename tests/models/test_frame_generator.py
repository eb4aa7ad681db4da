from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator, Postnet, between
from seqgan_toolkit.recipe.schema import FrameCell
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler

Make = Callable[..., FrameGenerator]
MakeAutoregressive = Callable[..., AutoregressiveFrameGenerator]
LENGTHS = torch.tensor([1, 2, 3, 4, 5, 6])


def fitted(generator: FrameGenerator) -> FrameGenerator:
    generator.lengths.fit(LENGTHS, None)
    return generator


@pytest.mark.parametrize("frames_per_step", [1, 2, 4])
def test_frames_behind_the_length_are_padding(frame_generator: Make, frames_per_step: int) -> None:
    batch = fitted(frame_generator(frames_per_step=frames_per_step))(None, 64, Draws(1, "noise"))
    assert batch.values.shape == (64, 6, 3)
    assert set(batch.lengths.tolist()) == {1, 2, 3, 4, 5, 6}
    assert (batch.values[~batch.mask] == -1).all()
    assert (batch.values[batch.mask].abs() < 1).all()


def test_what_no_sequence_changes_is_one_value_in_all_of_its_frames(frame_generator: Make) -> None:
    generator = fitted(frame_generator(step_noise_dim=4))
    free = generator(None, 64, Draws(1, "noise"))
    generator.space = replace(generator.space, constant=(2, 0))
    held = generator(None, 64, Draws(1, "noise"))
    assert torch.equal(held.values[..., 1], free.values[..., 1]), "the others are as they were"
    for row, length in zip(held.values, held.lengths.tolist(), strict=True):
        assert (row[:length, [0, 2]] == row[0, [0, 2]]).all()
        assert (row[length:] == -1).all()
    logits = torch.atanh(free.values[..., 0]).where(free.mask, torch.tensor(0.0))
    torch.testing.assert_close(held.values[:, 0, 0], torch.tanh(logits.sum(1) / free.lengths))
    assert held.values[:, 0, 0].std() > 0.01, "sequences differ"


def test_constants_have_a_network_of_their_own_that_every_step_reads(frame_generator: Make) -> None:
    generator = fitted(frame_generator(constant=(0, 2), constant_dim=6, step_noise_dim=2))
    batch = generator(None, 32, Draws(1, "noise"))
    noise = generator.draw_noise(Draws(1, "noise"), 32)
    context, _ = generator.context(noise.sequence, None, generator.cell)
    expected = torch.tanh(generator.constants(context))
    for row, length, constants in zip(batch.values, batch.lengths.tolist(), expected, strict=True):
        torch.testing.assert_close(row[:length, [0, 2]], constants.expand(length, -1))
    last = generator.constants[-1]
    with torch.no_grad():
        last.bias += 1
    moved = generator(None, 32, Draws(1, "noise"))
    assert (moved.values[..., 1] != batch.values[..., 1])[batch.mask].float().mean() > 0.99
    batch = generator(None, 32, Draws(1, "noise"))
    batch.values[..., 0].sum().backward()
    assert generator.constants[0].weight.grad.abs().sum() > 0
    assert frame_generator(constant_dim=6).constants is None, "where nothing is constant there is nothing to make"


def test_states_are_interpolated_at_the_middle_of_frames() -> None:
    states = torch.tensor([10.0, 20.0, 40.0])[None, :, None]
    assert between(states, 2)[0, :, 0].tolist() == [10.0, 10.0, 12.5, 17.5, 25.0, 35.0]
    # States on a line make frames on a line, at the edges of steps as well.
    change = between(torch.arange(5.0)[None, :, None], 4).flatten().diff()
    torch.testing.assert_close(change[4:], torch.full_like(change[4:], 0.25))


def test_frames_of_interpolated_states_are_made_alike(frame_generator: Make) -> None:
    generator = fitted(frame_generator(frames_per_step=3, interpolated=True, frame_noise_dim=2))
    assert generator.head[0].in_features == generator.cell.hidden_dim + 2
    assert generator.head[-1].out_features == 3
    batch = generator(None, 16, Draws(1, "noise"))
    assert batch.values.shape == (16, 6, 3)
    assert (batch.values[~batch.mask] == -1).all()


def test_each_frame_has_noise_of_its_own(frame_generator: Make) -> None:
    generator = fitted(frame_generator(frames_per_step=3, interpolated=True, frame_noise_dim=2))
    noise = generator.draw_noise(Draws(1, "noise"), 64)
    frames = noise.frames.clone()
    frames[:, 1] += 1
    before, after = generator.make(noise, None), generator.make(replace(noise, frames=frames), None)
    changed = (before.values != after.values).any(-1)
    assert changed[before.lengths > 1].any(0).tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("cell", get_args(FrameCell))
def test_frames_do_not_depend_on_other_rows(frame_generator: Make, cell: str) -> None:
    generator = fitted(frame_generator(num_labels=3, cell=cell))
    labels = torch.tensor([0, 1, 2, 0])
    whole = generator(labels, 4, Draws(1, "noise"))
    halves = [generator(labels[2 * rank :][:2], 2, Draws(1, "noise", rank=rank, world=2)) for rank in (0, 1)]
    torch.testing.assert_close(torch.cat([half.values for half in halves]), whole.values)


def test_the_reach_lets_frames_touch_the_ends(frame_generator: Make) -> None:
    generator = frame_generator(reach=1.2)
    generator.lengths.fit(torch.tensor([6]), None)
    last = generator.head[-1]
    with torch.no_grad():
        last.bias.copy_(torch.tensor([9.0, -9.0, 0.0]))
    frames = generator(None, 8, Draws(1, "noise")).values
    assert (frames[..., 0] == 1).all()
    assert (frames[..., 1] == -1).all()
    assert (frames[..., 2].abs() < 1).all()


def test_scale_zero_takes_the_middle(frame_generator: Make) -> None:
    generator = fitted(frame_generator(step_noise_dim=0))
    batch = generator(None, 32, Draws(1, "noise"), 0.0)
    for length in batch.lengths.unique():
        alike = batch.values[batch.lengths == length]
        torch.testing.assert_close(alike, alike[:1].expand_as(alike))


def test_noise_lies_on_a_sphere(frame_generator: Make) -> None:
    noise = frame_generator().context.draw_noise(Draws(1, "noise"), 10, 0.5)
    torch.testing.assert_close(noise.norm(dim=1), torch.full((10,), 0.5 * 2.0))


def test_a_postnet_starts_as_nothing(frame_generator: Make) -> None:
    assert (Postnet(3, 4)(torch.randn(2, 6, 3)) == 0).all()
    assert frame_generator(postnet_dim=4).postnet is not None


@pytest.mark.parametrize("num_labels", [0, 2])
def test_noise_of_steps_alone_makes_sequences_that_differ(frame_generator: Make, num_labels: int) -> None:
    plain = {"noise_dim": 0, "position_dim": 0, "head_dim": 0}
    generator = fitted(frame_generator(num_labels=num_labels, step_noise_dim=2, **plain))
    labels = torch.zeros(8, dtype=torch.int64) if num_labels else None
    batch = generator(labels, 8, Draws(1, "noise"))
    assert len(batch.values[:, 0].unique(dim=0)) == 8
    assert len([layer for layer in generator.head if isinstance(layer, torch.nn.Linear)]) == 1
    batch.values.sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in generator.parameters())
    if labels is not None:
        assert not torch.equal(generator(labels + 1, 8, Draws(1, "noise")).values, batch.values)


def test_without_position_a_step_does_not_know_where_it_stands(frame_generator: Make) -> None:
    generator = frame_generator(position_dim=0)
    noise = generator.draw_noise(Draws(1, "noise"), 3)
    generator.lengths.fit(torch.tensor([6]), None)
    whole = generator.make(noise, None).values
    generator.lengths.fit(torch.tensor([4]), None)
    torch.testing.assert_close(generator.make(noise, None).values[:, :4], whole[:, :4])


@pytest.mark.parametrize("frames_per_step", [1, 2, 4])
@pytest.mark.parametrize("cell", ["lstm", "gru", "mingru"])
def test_free_running_equals_teacher_forcing_on_its_own_frames(
    autoregressive_generator: MakeAutoregressive, frames_per_step: int, cell: str
) -> None:
    generator = autoregressive_generator(
        num_labels=2, frames_per_step=frames_per_step, num_layers=2, cell=cell, fixed_length=True
    )
    labels = torch.tensor([0, 1, 1])
    free = AutoregressiveFrameSampler(generator).sample(labels, 3, Draws(1, "noise")).values
    assert free.shape == (3, 6, 3)
    missing = -6 % frames_per_step
    steps = torch.nn.functional.pad(free, (0, 0, 0, missing)).reshape(3, -1, generator.step_dim)
    inputs = torch.cat([generator.first_input(3)[:, None], steps[:, :-1]], dim=1)
    forced, _ = generator(inputs, labels, Draws(1, "noise"))
    torch.testing.assert_close(forced.reshape(3, -1, 3)[:, :6], free, rtol=0, atol=1e-5)
