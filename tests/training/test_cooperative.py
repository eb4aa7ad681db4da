from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.training.cooperative import stepwise_divergence

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


def estimated(generator: TokenGenerator, mediator: TokenGenerator, steps: int, rows: int) -> torch.Tensor:
    batch = TokenSampler(generator, steps).sample(None, rows, Draws(1, "prefixes"))
    return stepwise_divergence(generator, mediator, batch, Draws(1, "noise"))


def exact(
    generator: TokenGenerator, mediator: TokenGenerator, steps: int, every_sequence: Enumerate
) -> tuple[torch.Tensor, torch.Tensor]:
    """KL(G || M) and its gradient for the output's bias."""
    own = torch.stack(list(every_sequence(generator, steps).values()))
    mediated = torch.stack(list(every_sequence(mediator, steps).values())).detach()
    divergence = (own * (own / mediated).log()).sum()
    return divergence, torch.autograd.grad(divergence, generator.head.bias)[0]


def pair(token_generator: Make) -> tuple[TokenGenerator, TokenGenerator]:
    return token_generator(scale=1.5), token_generator(scale=2.5)


def test_the_sum_over_steps_is_the_divergence(token_generator: Make, every_sequence: Enumerate) -> None:
    generator, mediator = pair(token_generator)
    divergence, _ = exact(generator, mediator, 3, every_sequence)
    torch.testing.assert_close(estimated(generator, mediator, 3, 20_000), divergence, rtol=0.05, atol=0)


def test_with_one_step_the_gradient_is_exact(token_generator: Make, every_sequence: Enumerate) -> None:
    generator, mediator = pair(token_generator)
    _, expected = exact(generator, mediator, 1, every_sequence)
    (found,) = torch.autograd.grad(estimated(generator, mediator, 1, 10), generator.head.bias)
    torch.testing.assert_close(found, expected)


def test_the_gradient_is_that_of_the_jensen_shannon_divergence(
    token_generator: Make, every_sequence: Enumerate
) -> None:
    """With the best mediator, at one step: twice the gradient of the divergence of data and generator."""
    generator = token_generator(scale=1.5)
    own = torch.stack(list(every_sequence(generator, 1).values()))
    truth = torch.tensor([0.5, 0.3, 0.2])
    middle = (truth + own) / 2
    jensen_shannon = ((truth * (truth / middle).log()).sum() + (own * (own / middle).log()).sum()) / 2
    (expected,) = torch.autograd.grad(jensen_shannon, generator.head.bias, retain_graph=True)
    mediator = token_generator()
    with torch.no_grad():
        mediator.head.weight.zero_()
        mediator.head.bias[[token for (token,) in every_sequence(generator, 1)]] = middle.log()
    (found,) = torch.autograd.grad(estimated(generator, mediator, 1, 10), generator.head.bias)
    torch.testing.assert_close(found / 2, expected)


def test_over_three_steps_the_gradient_points_the_right_way(token_generator: Make, every_sequence: Enumerate) -> None:
    generator, mediator = pair(token_generator)
    _, expected = exact(generator, mediator, 3, every_sequence)
    (found,) = torch.autograd.grad(estimated(generator, mediator, 3, 20_000), generator.head.bias)
    # What a token does to the steps behind it is left out: biased, not wrong.
    assert float(functional.cosine_similarity(found, expected, dim=0)) > 0.8


def test_the_mediator_takes_no_gradient(token_generator: Make) -> None:
    generator, mediator = pair(token_generator)
    estimated(generator, mediator, 3, 10).backward()
    assert all(parameter.grad is None for parameter in mediator.parameters())
    assert generator.head.weight.grad is not None
    assert all(parameter.grad.isfinite().all() for parameter in generator.parameters() if parameter.grad is not None)


def test_a_mediator_that_agrees_is_at_no_distance(token_generator: Make) -> None:
    generator = token_generator()
    torch.testing.assert_close(estimated(generator, generator, 4, 50), torch.tensor(0.0))
