from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler, FrameSampler
from seqgan_toolkit.sampling.strategies import Strategy

Make = Callable[..., FrameGenerator]
MakeAutoregressive = Callable[..., AutoregressiveFrameGenerator]


def with_hazard(generator: AutoregressiveFrameGenerator, hazard: float) -> AutoregressiveFrameSampler:
    with torch.no_grad():
        generator.stop.weight.zero_()
        generator.stop.bias.fill_(torch.tensor(hazard).logit())
    return AutoregressiveFrameSampler(generator)


@pytest.mark.parametrize(("frames_per_step", "lengths"), [(1, [1, 2, 3, 4, 5, 6]), (2, [2, 4, 6]), (4, [4, 6])])
def test_stops_come_with_their_probability(
    autoregressive_generator: MakeAutoregressive, frames_per_step: int, lengths: list[int]
) -> None:
    hazard, rows = 0.3, 20_000
    sampler = with_hazard(autoregressive_generator(frames_per_step=frames_per_step), hazard)
    drawn = sampler.sample(None, rows, Draws(1, "stops")).lengths
    assert sorted(drawn.unique().tolist()) == lengths
    for step, length in enumerate(lengths):
        share = (1 - hazard) ** step * (hazard if step < len(lengths) - 1 else 1)
        error = (share * (1 - share) / rows) ** 0.5
        assert (drawn == length).float().mean() == pytest.approx(share, abs=4 * error)


def test_a_fixed_length_never_stops_early(autoregressive_generator: MakeAutoregressive) -> None:
    sampler = with_hazard(autoregressive_generator(fixed_length=True), 0.9)
    assert (sampler.sample(None, 50, Draws(1, "stops")).lengths == 6).all()


def test_frames_behind_the_stop_are_padding(autoregressive_generator: MakeAutoregressive) -> None:
    batch = with_hazard(autoregressive_generator(), 0.4).sample(None, 100, Draws(1, "stops"))
    assert (batch.values[~batch.mask] == -1).all()
    assert (batch.values[batch.mask].abs() < 1).all()


def test_temperature_scales_the_noise(autoregressive_generator: MakeAutoregressive, frame_generator: Make) -> None:
    samplers = AutoregressiveFrameSampler(autoregressive_generator()), FrameSampler(frame_generator(step_noise_dim=0))
    for sampler in samplers:
        spreads = [
            sampler.sample(None, 200, Draws(1, "noise"), Strategy(temperature=temperature)).values[:, 0].std(0).mean()
            for temperature in (0.0, 0.5, 1.0)
        ]
        assert spreads[0] < 1e-6 < spreads[1] < spreads[2]


def test_the_gradient_is_that_of_finite_differences(
    autoregressive_generator: MakeAutoregressive, frame_generator: Make
) -> None:
    torch.manual_seed(1)
    weights = torch.randn(4, 6, 3)
    generators = autoregressive_generator(fixed_length=True), frame_generator(step_noise_dim=2)
    generators[1].lengths.fit(torch.tensor([6]), None)
    samplers = AutoregressiveFrameSampler(generators[0]), FrameSampler(generators[1])
    for generator, sampler in zip(generators, samplers, strict=True):

        def value(sampler: FrameSampler | AutoregressiveFrameSampler = sampler) -> torch.Tensor:
            return (sampler.sample(None, 4, Draws(1, "noise")).values * weights).sum()

        recurrent = generator.cell.network.weight_hh_l0
        (gradient,) = torch.autograd.grad(value(), recurrent)
        direction = gradient / gradient.norm()
        with torch.no_grad():
            recurrent += 1e-2 * direction
            above = value()
            recurrent -= 2e-2 * direction
            below = value()
        assert float((above - below) / 2e-2) == pytest.approx(float(gradient.norm()), rel=0.01)
