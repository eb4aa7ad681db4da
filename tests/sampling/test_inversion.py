"""The noise of given sequences is found where there is one, and nothing of the generator is touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.frames.inversion import inversion_measurements
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling import inversion
from seqgan_toolkit.sampling.inversion import inversion_errors
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., FrameGenerator]


@pytest.fixture
def generator(frame_generator: Make) -> FrameGenerator:
    """A generator with labels, whose frames move with its noise, and which makes lengths of 3 to 6."""
    made = frame_generator(num_labels=2, step_noise_dim=0, noise_dim=3)
    made.lengths.fit(torch.tensor([3, 6, 3, 6]), torch.tensor([0, 0, 1, 1]))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(3)
    return made.requires_grad_(False)


def own(generator: FrameGenerator, seed: int, rows: int = 12) -> SequenceBatch:
    return generator(torch.arange(rows) % 2, rows, Draws(seed, "own"))


def shuffled(batch: SequenceBatch) -> SequenceBatch:
    """Sequences of the same values, each in an order that the generator would not make."""
    generator = torch.Generator().manual_seed(1)
    order = torch.stack([torch.randperm(batch.num_steps, generator=generator) for _ in range(len(batch))])
    values = batch.values.gather(1, order[..., None].expand_as(batch.values))
    return SequenceBatch(values, torch.full_like(batch.lengths, batch.num_steps), batch.labels)


def test_what_a_generator_has_made_is_found_again(generator: FrameGenerator) -> None:
    known, others = own(generator, 1), shuffled(own(generator, 2))
    errors = [inversion_errors(generator, batch, Draws(3, "search")) for batch in (known, others)]
    assert errors[0].mean() < 0.05
    assert errors[1].mean() > 0.2
    found = inversion_measurements(*errors)["inversion_training_ratio"]
    assert found.value < 0.25
    assert found.note.startswith("warning: "), "its own sequences are what it knows by heart"


def test_errors_are_of_the_steps_of_a_sequence_alone(
    generator: FrameGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inversion, "STEPS", 10)
    batch = own(generator, 1)
    longer = torch.nn.functional.pad(batch.values, (0, 0, 0, 3), value=0.7)
    errors = inversion_errors(generator, batch, Draws(3, "search"))
    padded = inversion_errors(generator, SequenceBatch(longer, batch.lengths, batch.labels), Draws(3, "search"))
    assert torch.equal(errors, padded)


def test_search_repeats_and_leaves_the_generator_as_it_was(
    generator: FrameGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inversion, "STEPS", 10)
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    first, again = (inversion_errors(generator, own(generator, 1), Draws(3, "search")) for _ in range(2))
    assert torch.equal(first, again)
    assert not generator.training
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


@pytest.mark.parametrize(
    "part", [{"step_noise_dim": 3}, {"step_noise_dim": 0, "frame_noise_dim": 3, "interpolated": True}]
)
def test_noise_of_steps_and_of_frames_is_searched_too(frame_generator: Make, part: dict[str, int]) -> None:
    generator = frame_generator(noise_dim=0, frames_per_step=2, **part).requires_grad_(False)
    generator.lengths.fit(torch.tensor([6]), None)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(3)
    batch = generator(None, 12, Draws(1, "own"))
    errors = inversion_errors(generator, batch, Draws(3, "search"))
    apart = (batch.values - batch.values.flip(0)).square().mean((1, 2)).sqrt()
    assert errors.mean() < 0.3 * apart.mean()
