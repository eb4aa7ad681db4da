"""On a vocabulary small enough to list every sequence: an energy that knows log p / G turns G into p."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.partition import log_partition
from seqgan_toolkit.metrics.text.residual import residual_measurements, residual_nll
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.models.energy import ResidualEnergy
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.residual import ResidualSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]
STEPS = 3


class KnownScores(nn.Module):
    """A discriminator that has a score written down for every sequence."""

    def __init__(self, scores: dict[tuple[int, ...], float]) -> None:
        super().__init__()
        self.scores = scores

    def forward(self, batch: SequenceBatch) -> Verdict:
        rows = zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)
        scores = torch.tensor([self.scores[tuple(row[:length])] for row, length in rows])[:, None]
        return Verdict(scores, torch.ones_like(scores, dtype=torch.bool), scores)


class World:
    """A generator G, a truth p over the same sequences, and the energy beta (log p / G + constant)."""

    def __init__(self, token_generator: Make, every_sequence: Enumerate, scale: float = 1.0) -> None:
        self.generator = token_generator(scale=1.5)
        model = every_sequence(self.generator, STEPS)
        self.sequences = list(model)
        self.model = torch.stack(list(model.values())).detach().double()
        tilted = torch.randn(len(model), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
        self.truth = torch.softmax(self.model.log() + tilted, 0)
        # The constant must not matter: the normaliser takes it off again.
        scores = scale * (self.truth / self.model).log() + 0.7
        self.energy = ResidualEnergy(KnownScores(dict(zip(self.sequences, scores.tolist(), strict=True))))  # type: ignore[arg-type]
        self.energy.beta.fill_(1 / scale)
        self.proposals = TokenSampler(self.generator, STEPS)

    def frequencies(self, num_proposals: int, rows: int = 6000) -> torch.Tensor:
        batch = ResidualSampler(self.proposals, self.energy, num_proposals).sample(None, rows, Draws(1, "s"))
        index = {sequence: place for place, sequence in enumerate(self.sequences)}
        rows_of = zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)
        places = torch.tensor([index[tuple(row[:length])] for row, length in rows_of])
        return torch.bincount(places, minlength=len(index)).double() / rows


@pytest.fixture(params=[1.0, 0.2])
def world(request: pytest.FixtureRequest, token_generator: Make, every_sequence: Enumerate) -> World:
    return World(token_generator, every_sequence, scale=request.param)


def distance(first: torch.Tensor, second: torch.Tensor) -> float:
    return float((first - second).abs().sum() / 2)


def test_both_bounds_bracket_the_exact_likelihood(world: World) -> None:
    batch = SequenceBatch(
        torch.tensor([[*row, *[0] * (STEPS - len(row))] for row in world.sequences]),
        torch.tensor([len(row) for row in world.sequences]),
    )
    tilts = world.energy(batch)
    exact = float((world.model @ tilts.exp() / world.model.sum()).log())
    found = log_partition(world.energy(world.proposals.sample(None, 20_000, Draws(1, "partition"))))
    assert found.lower - 4 * found.standard_error < exact < found.upper + 4 * found.standard_error
    assert 4 * found.standard_error < 0.06
    nll = residual_nll(-world.model.log(), tilts, found)
    torch.testing.assert_close(nll, -world.truth.log(), atol=4 * found.standard_error + 1e-4, rtol=0)
    # An average over test sequences, of which there is one each here, weighted as the truth has them.
    gain = residual_measurements(tilts[torch.multinomial(world.truth, 50_000, replacement=True)], found)[
        "residual_gain"
    ]
    divergence = float(world.truth @ (world.truth / world.model).log())
    assert gain.interval is not None
    assert gain.interval[0] - 0.02 < divergence < gain.interval[1] + 0.02


def test_resampling_goes_from_the_generator_to_the_truth_as_proposals_grow(world: World) -> None:
    far, near, nearest = (distance(world.frequencies(count), world.truth) for count in (1, 4, 24))
    assert far > 1.5 * near > 1.5 * nearest
    assert nearest < 0.05
    assert distance(world.frequencies(1), world.model) < 0.03


def test_an_energy_that_is_not_calibrated_yet_changes_nothing(world: World) -> None:
    world.energy.beta.zero_()
    assert distance(world.frequencies(8), world.model) < 0.03
    tilts = world.energy(world.proposals.sample(None, 100, Draws(1, "s")))
    found = residual_measurements(tilts, log_partition(tilts))
    assert found["residual_gain"].value == pytest.approx(0.0, abs=1e-9)
    assert found["effective_share"].value == pytest.approx(1.0)


def test_the_effective_number_of_proposals_is_told(world: World) -> None:
    sampler = ResidualSampler(world.proposals, world.energy, 8)
    sampler.sample(None, 500, Draws(1, "s"))
    assert 1 < sampler.effective_proposals < 8
    world.energy.beta.zero_()
    sampler.sample(None, 500, Draws(1, "s"))
    assert sampler.effective_proposals == pytest.approx(8.0)
