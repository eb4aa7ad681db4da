"""Behaviours are what goes on in a free run, the paper's rules hold, and free runs come nearer to the data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import RecurrentEncoder
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.hidden_critic import HiddenCritic
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.professor_forcing import FrameBehaviour, ProfessorForcing, TokenBehaviour

Built = Callable[[Recipe, Corpus], tuple[dict[str, Any], Any]]

FRAMES = SequenceBatch(torch.rand(4, 6, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([6, 4, 5, 6]))


@pytest.mark.parametrize("frames_per_step", [1, 4])
def test_free_frames_are_those_of_the_sampler(
    autoregressive_generator: Callable[..., AutoregressiveFrameGenerator], frames_per_step: int
) -> None:
    generator = autoregressive_generator(step_noise_dim=2, fixed_length=True, frames_per_step=frames_per_step)
    free = FrameBehaviour(generator).free(FRAMES, Draws(1, "noise"))
    assert free.lengths.tolist() == [-(-length // frames_per_step) for length in (6, 4, 5, 6)]
    made = free.values[..., generator.cell.hidden_dim :].reshape(4, -1, 3)[:, :6]
    torch.testing.assert_close(made, AutoregressiveFrameSampler(generator).sample(None, 4, Draws(1, "noise")).values)


def test_the_gradient_flows_through_the_frames_that_are_fed_back(
    autoregressive_generator: Callable[..., AutoregressiveFrameGenerator],
) -> None:
    generator = autoregressive_generator()
    behaviour, hidden_dim = FrameBehaviour(generator), generator.cell.hidden_dim

    def slope(states: SequenceBatch) -> float:
        generator.zero_grad()
        states.values[:, -1, :hidden_dim].sum().backward()
        gradient = generator.head.weight.grad
        return 0.0 if gradient is None else float(gradient.norm())

    # The head makes frames, which reach a later state only where they are fed back.
    assert slope(behaviour.free(FRAMES, Draws(1, "noise"))) > 0
    assert slope(behaviour.forced(FRAMES, Draws(1, "noise"))) == 0


def test_free_states_of_tokens_are_those_of_the_free_run(token_generator: Callable[..., TokenGenerator]) -> None:
    generator = token_generator(noise_dim=2, dropout=0.5).train()
    batch = SequenceBatch(torch.tensor([[3, 4, 2], [4, 2, 0]]), torch.tensor([3, 2]))
    free = TokenBehaviour(generator, 7).free(batch, Draws(1, "noise"))
    own = Draws(1, "noise").fork()
    noise = generator.draw_noise(own, 2)
    drawn = TokenSampler(generator, 7).sample_from(noise, None, own)
    assert torch.equal(free.lengths, drawn.lengths)
    state, look_up = generator.start(noise, None), generator.look_up()
    for step, tokens in enumerate(shift_right(drawn, generator.space.start).unbind(1)):
        hidden, state = generator.advance(look_up(tokens), state, generator.draw_step_noise(own, 2))
        inside = drawn.mask[:, step]
        torch.testing.assert_close(free.values[inside, step], hidden[inside])
    assert free.values.requires_grad


@dataclass
class Shifted:
    """A behaviour whose free runs lie beside the forced ones."""

    by: float
    dim: int = 2

    def forced(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        return SequenceBatch(draws.uniform(len(batch), 6, 2), batch.lengths)

    def free(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        made = (draws.uniform(len(batch), 6, 2) + self.by).requires_grad_()
        return SequenceBatch(made, batch.lengths)


@pytest.mark.parametrize("by", [0.0, 3.0])
def test_who_learns_when(discriminator: Callable[..., Discriminator], by: float) -> None:
    network = discriminator(FrameSpace(2), [RecurrentEncoder(2, cell="gru", hidden_dim=8)])
    descent = Descent(
        network, lr=1e-2, betas=(0.9, 0.99), weight_decay=0, clip=5, decay_from=1, final_lr=1, ranks=Ranks()
    )
    dropout = Draws(1, "dropout")
    critic = HiddenCritic(network, descent, dropout=dropout, rests=lambda _, accuracy: accuracy >= 0.99, autocast=False)
    professor, draws = ProfessorForcing(Shifted(by), critic, weight=2.0, autocast=False), Draws(1, "noise")
    batch = SequenceBatch(torch.zeros(64, 6, 2), torch.full((64,), 6))
    for _ in range(20):
        loss, values = professor.loss(batch, draws, 0.0)
    before = [parameter.clone() for parameter in network.parameters()]
    loss, values = professor.loss(batch, draws, 0.0)
    learnt = any(not torch.equal(now, then) for now, then in zip(network.parameters(), before, strict=True))
    if by:
        assert values["discriminator/accuracy"] > 0.99
        assert not learnt
        assert float(torch.as_tensor(loss).detach()) > 2 * math.log(2)
    else:
        assert values["discriminator/accuracy"] < 0.75
        assert learnt
        assert loss == 0.0


def circles(folder: Path, num: int = 600, steps: int = 6) -> Corpus:
    """Write points that go round a circle of radius .8 from anywhere on it."""
    phases = 2 * math.pi * Draws(1, "circles").uniform(num, 1, 1)
    angles = 0.6 * torch.arange(steps)[:, None] + phases
    with CorpusWriter(folder, FrameSpace(2)) as writer:
        for points in 0.8 * torch.cat([angles.sin(), angles.cos()], dim=-1):
            writer.add("train", points.numpy())
        return writer.close(domain={})


def test_free_runs_spread_as_the_data_do(tiny_rows: Callable[..., Recipe], built: Built, tmp_path: Path) -> None:
    corpus = circles(tmp_path)
    real = corpus.splits["train"].head(600).values

    def drift(professor: str) -> float:
        sizes = "hidden_dim: 24, noise_dim: 4, step_noise_dim: 2, prenet_dim: 16, prenet_dropout: 0"
        forcing = f"steps: 120, batch_size: 32, optimizer: {{lr: 5e-3}}, professor_forcing: {professor}"
        recipe = tiny_rows(
            "adversarial=null",
            f"generator={{kind: frames_autoregressive, {sizes}}}",
            f"teacher_forcing={{{forcing}}}",
            "ema=0.9",
        )
        phases, average = built(recipe, corpus)
        for index in range(120):
            phases["teacher_forcing"].step(index)
        fake = AutoregressiveFrameSampler(average.averaged).sample(None, 600, Draws(1, "samples")).values
        return float((fake.std(0) - real.std(0)).abs().mean())

    # Regression takes the middle of the circle for a first point, and goes on from there.
    plain = drift("null")
    assert plain > 0.2
    assert drift("{hidden_dim: 24, optimizer: {lr: 5e-3}}") < plain / 2
