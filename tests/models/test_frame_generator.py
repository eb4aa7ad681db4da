from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.frame_generator import AutoregressiveFrameGenerator, FrameGenerator, Postnet, blend
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


def test_overlapping_steps_fade_into_each_other() -> None:
    own, ahead = torch.tensor([10.0, 20.0, 30.0]), torch.tensor([100.0, 200.0, 300.0])
    steps = torch.stack([own, own, ahead, ahead], dim=-1)[None]
    frames = blend(steps, 2)
    assert frames.shape == (1, 3, 2, 1)
    before = torch.tensor([10.0, 100.0, 200.0])
    expected = torch.stack([0.75 * before + 0.25 * own, 0.25 * before + 0.75 * own], dim=-1)
    torch.testing.assert_close(frames[0, ..., 0], expected)


def test_no_edge_lies_between_overlapping_steps() -> None:
    # Steps that make one value of all their frames, on a line: without blending all change lies at the edges.
    values = torch.arange(5.0)[None, :, None].expand(-1, -1, 8)
    change = blend(values, 4).flatten().diff()
    torch.testing.assert_close(change[4:], torch.full_like(change[4:], 0.25))


@pytest.mark.parametrize("frames_per_step", [2, 4])
def test_overlapping_frames_have_the_same_lengths_and_padding(frame_generator: Make, frames_per_step: int) -> None:
    plain, blended = (
        fitted(frame_generator(frames_per_step=frames_per_step, overlap=overlap))(None, 16, Draws(1, "noise"))
        for overlap in (False, True)
    )
    assert torch.equal(plain.lengths, blended.lengths)
    assert (blended.values[~blended.mask] == -1).all()


def test_frames_do_not_depend_on_other_rows(frame_generator: Make) -> None:
    generator = fitted(frame_generator(num_labels=3))
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
@pytest.mark.parametrize("cell", ["lstm", "gru"])
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
