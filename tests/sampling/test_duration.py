from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.build.generators import make_duration
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator, FrameNoise
from seqgan_toolkit.sampling.duration import DurationSampler
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler

Make = Callable[..., FrameGenerator]
MakeAutoregressive = Callable[..., AutoregressiveFrameGenerator]


@pytest.mark.parametrize("length", [1, 5, 6, 7, 40])
@pytest.mark.parametrize("frames_per_step", [1, 4])
def test_every_sequence_has_the_length_that_is_asked_for(
    frame_generator: Make, autoregressive_generator: MakeAutoregressive, length: int, frames_per_step: int
) -> None:
    for make in (frame_generator, autoregressive_generator):
        batch = DurationSampler(make(frames_per_step=frames_per_step), length).sample(None, 3, Draws(1, "noise"))
        assert batch.lengths.tolist() == [length] * 3
        assert batch.values[batch.mask].abs().max() < 1
        assert batch.values.shape[1] == length


@pytest.mark.parametrize("interpolated", [False, True])
def test_within_the_training_lengths_nothing_else_changes(frame_generator: Make, interpolated: bool) -> None:
    generator = frame_generator(frames_per_step=2, interpolated=interpolated, postnet_dim=3)
    generator.lengths.quantiles.fill_(4.0)
    drawn = generator(None, 5, Draws(1, "noise"))
    asked = DurationSampler(generator, 4).sample(None, 5, Draws(1, "noise"))
    assert torch.equal(drawn.lengths, asked.lengths)
    assert torch.equal(drawn.values[:, :4], asked.values)


def test_beyond_them_steps_stand_where_a_slower_pace_brings_them(frame_generator: Make) -> None:
    generator = frame_generator()
    seen: list[torch.Tensor] = []
    scan = generator.cell.scan

    def watched(inputs: torch.Tensor, state: Any) -> Any:
        seen.append(inputs)
        return scan(inputs, state)

    generator.cell.scan = watched
    noise = generator.draw_noise(Draws(1, "noise"), 1)
    twice = FrameNoise(noise.sequence, noise.steps.repeat_interleave(2, 1), noise.lengths, noise.frames)
    generator.make_long(noise, torch.tensor([6]), None)
    generator.make_long(twice, torch.tensor([12]), None)
    slow, usual = seen[1], seen[0]
    torch.testing.assert_close(slow[:, ::2], usual)
    assert not torch.equal(slow[:, 1, -1], usual[:, 0, -1]), "half a step later there is less left"


def test_feeding_back_goes_on_as_it_began(autoregressive_generator: MakeAutoregressive) -> None:
    generator = autoregressive_generator(fixed_length=True)
    usual = AutoregressiveFrameSampler(generator).sample(None, 4, Draws(1, "noise"))
    longer = DurationSampler(generator, 30).sample(None, 4, Draws(1, "noise"))
    assert torch.equal(longer.values[:, :6], usual.values)


def test_tokens_have_no_duration(token_generator: Any) -> None:
    with pytest.raises(UserError, match="a generator of kind 'frames' or 'frames_autoregressive'"):
        make_duration(token_generator(), 5)
