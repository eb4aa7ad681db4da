from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch
from scipy import stats
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.estimators.gumbel_softmax import GumbelSoftmax
from seqgan_toolkit.recipe.schema import TokenCell

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


def estimator(
    generator: TokenGenerator, max_length: int, temperature: float = 1.0, *, straight_through: bool = True, **more: Any
) -> GumbelSoftmax:
    course = {"start": temperature, "end": temperature, "shape": "linear"}
    return GumbelSoftmax(generator, max_length, straight_through=straight_through, **course, **more)


@pytest.mark.parametrize("cell", get_args(TokenCell))
def test_hard_samples_are_exact_samples(token_generator: Make, every_sequence: Enumerate, cell: str) -> None:
    generator, rows = token_generator(cell=cell), 20_000
    exact = every_sequence(generator, 3)
    with torch.no_grad():
        batch = estimator(generator, 3, 0.5).sample(None, rows, Draws(1, "gumbel"), 0.0, gradient=True)
    tokens = batch.values.argmax(-1)
    count = dict.fromkeys(exact, 0)
    for row, length in zip(tokens.tolist(), batch.lengths.tolist(), strict=True):
        count[tuple(row[:length])] += 1
    probabilities = torch.stack(list(exact.values())).detach().double()
    expected = rows * probabilities / probabilities.sum()
    assert stats.chisquare(list(count.values()), expected.numpy()).pvalue > 1e-4


@pytest.mark.parametrize("cell", get_args(TokenCell))
def test_a_gradient_reaches_every_parameter(token_generator: Make, cell: str) -> None:
    generator = token_generator(cell=cell, num_layers=1 if cell == "rmc" else 2)
    batch = estimator(generator, 4).sample(None, 50, Draws(1, "gumbel"), 0.0, gradient=True)
    worth = torch.arange(5.0)
    (batch.values * worth * batch.mask[..., None]).sum().backward()
    assert [name for name, parameter in generator.named_parameters() if not parameter.grad.abs().sum() > 0] == []


@pytest.mark.parametrize("straight_through", [False, True])
def test_tokens_lie_on_the_simplex(token_generator: Make, straight_through: bool) -> None:
    generator = token_generator(step_noise_dim=2)
    batch = estimator(generator, 6, straight_through=straight_through).sample(
        None, 200, Draws(1, "gumbel"), 0.0, gradient=True
    )
    torch.testing.assert_close(batch.values.sum(-1), torch.ones(200, batch.num_steps))
    assert (batch.values[..., :2][batch.mask].abs() < 1e-6).all()
    corner = batch.values.amax(-1)[batch.mask]
    assert bool((corner > 1 - 1e-6).all()) == straight_through
    padding = functional.one_hot(torch.tensor(0), 5).float()
    assert (batch.values[~batch.mask] == padding).all()


def test_a_sequence_ends_at_its_end_token(token_generator: Make) -> None:
    batch = estimator(token_generator(), 6).sample(None, 200, Draws(1, "gumbel"), 0.0, gradient=True)
    tokens = batch.values.argmax(-1)
    last = tokens.gather(1, batch.lengths[:, None] - 1)[:, 0]
    assert (last[batch.lengths < 6] == 2).all()
    assert ((tokens == 2).sum(1) <= 1).all()


def gradients(
    generator: TokenGenerator, exact: dict[tuple[int, ...], Any], worth: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradient of the mean worth, linear in the tokens, for the output's bias: exact, and estimated."""
    bias, steps = generator.head.bias, len(worth)

    def value(sequence: tuple[int, ...]) -> torch.Tensor:
        return worth[range(len(sequence)), sequence].sum()

    expected = sum(probability * value(sequence) for sequence, probability in exact.items())
    (true,) = torch.autograd.grad(expected, bias, retain_graph=True)
    batch = estimator(generator, steps, temperature).sample(None, 40_000, Draws(1, "gumbel"), 0.0, gradient=True)
    mean = (batch.values * worth[: batch.num_steps] * batch.mask[..., None]).sum() / len(batch)
    (estimated,) = torch.autograd.grad(mean, bias)
    return true[2:], estimated[2:]


def test_the_gradient_of_one_step_gets_exact_as_the_temperature_falls(
    token_generator: Make, every_sequence: Enumerate
) -> None:
    generator = token_generator()
    worth = torch.tensor([[0.0, 0.0, 1.0, -2.0, 0.5]])
    exact = every_sequence(generator, 1)
    errors = []
    for temperature in (2.0, 0.1):
        true, estimated = gradients(generator, exact, worth, temperature)
        errors.append(float((estimated - true).norm() / true.norm()))
    # A relaxed gradient is biased, and the more so the softer the tokens are.
    assert errors[1] < 0.1 < errors[0]


def test_the_gradient_of_three_steps_points_the_right_way(token_generator: Make, every_sequence: Enumerate) -> None:
    generator = token_generator()
    worth = torch.tensor([[0.0, 0.0, 1.0, -2.0, 0.5], [0.0, 0.0, 0.3, 1.0, -1.0], [0.0, 0.0, 0.1, 0.5, -0.5]])
    true, estimated = gradients(generator, every_sequence(generator, 3), worth, 0.5)
    # The tokens that are fed back carry no gradient, so what a token does to later ones is missed: biased, not wrong.
    assert float(functional.cosine_similarity(true, estimated, dim=0)) > 0.8


@torch.no_grad()
def test_the_temperature_follows_its_course(token_generator: Make) -> None:
    generator = token_generator()
    course = GumbelSoftmax(generator, 4, straight_through=False, start=2.0, end=0.1, shape="exponential")
    drawn = [course.sample(None, 300, Draws(1, "g"), done, gradient=False).values for done in (0, 0.5, 1)]
    softness = [float(values.amax(-1).mean()) for values in drawn]
    assert softness[0] < softness[1] < softness[2]


def test_two_processes_draw_what_one_would(token_generator: Make) -> None:
    generator = token_generator(noise_dim=2, step_noise_dim=2)
    whole = estimator(generator, 6).sample(None, 12, Draws(1, "gumbel"), 0.0, gradient=True)
    halves = [
        estimator(generator, 6).sample(None, 6, Draws(1, "gumbel", rank=rank, world=2), 0.0, gradient=True)
        for rank in (0, 1)
    ]
    assert torch.equal(torch.cat([half.lengths for half in halves]), whole.lengths)
    for rank, half in enumerate(halves):
        torch.testing.assert_close(half.values, whole.values[6 * rank :][:6, : half.num_steps])


def test_it_runs_in_bfloat16(token_generator: Make) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        batch = estimator(token_generator(), 4).sample(None, 8, Draws(1, "gumbel"), 0.0, gradient=True)
    assert batch.values.dtype == torch.float32


def test_without_a_gradient_none_is_kept(token_generator: Make) -> None:
    kept = [
        estimator(token_generator(), 4).sample(None, 8, Draws(1, "gumbel"), 0.0, gradient=gradient).values.requires_grad
        for gradient in (False, True)
    ]
    assert kept == [False, True]


@pytest.mark.parametrize("size", [5, 400])
def test_it_draws_the_same_with_and_without_a_gradient(token_generator: Make, size: int) -> None:
    with_gradient, without = (
        estimator(token_generator(size), 4, straight_through=False).sample(
            None, 8, Draws(1, "gumbel"), 0.0, gradient=gradient
        )
        for gradient in (True, False)
    )
    assert torch.equal(without.lengths, with_gradient.lengths)
    torch.testing.assert_close(without.values, with_gradient.values)


def test_soft_feedback_gives_what_a_token_does_to_later_ones_a_gradient(token_generator: Make) -> None:
    reached = []
    for feedback in ("hard", "soft"):
        generator = token_generator()
        batch = estimator(generator, 4, feedback=feedback).sample(None, 50, Draws(1, "gumbel"), 0.0, gradient=True)
        # The embeddings are what is read: under hard feedback those that were not drawn have no part in anything.
        unread = [token for token in (3, 4) if not (batch.values.argmax(-1)[:, 0] == token).all()]
        worth = batch.values[:, 1, 4][(batch.lengths > 1) & (batch.values.argmax(-1)[:, 0] == 3)].sum()
        (gradient,) = torch.autograd.grad(worth, generator.embedding.weight)
        assert unread
        reached.append(bool(gradient[4].abs().sum() > 0))
    assert reached == [False, True]


def test_soft_feedback_at_a_low_temperature_is_hard_feedback(token_generator: Make) -> None:
    generator = token_generator()
    hard, soft = (
        estimator(generator, 4, 1e-4, feedback=feedback).sample(None, 50, Draws(1, "gumbel"), 0.0, gradient=False)
        for feedback in ("hard", "soft")
    )
    torch.testing.assert_close(soft.values, hard.values)
