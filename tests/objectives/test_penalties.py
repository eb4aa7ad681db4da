from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.objectives.penalties import (
    Judge,
    exact_penalty,
    finite_difference_penalty,
    interpolated,
    unit_norm_penalty,
)
from seqgan_toolkit.sequences import TokenSpace, length_mask

Make = Callable[..., Discriminator]
Penalty = Callable[[Judge, torch.Tensor, torch.Tensor], torch.Tensor]
GAMMA = 0.7


def number(value: torch.Tensor) -> float:
    return float(value.detach())


def finite(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor, *, sigma: float = 0.01) -> torch.Tensor:
    return finite_difference_penalty(judge, judge(inputs), inputs, mask, GAMMA, sigma, Draws(1, "directions"))


def exact(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return exact_penalty(judge, inputs, mask, GAMMA)


def unit_norm(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return unit_norm_penalty(judge, inputs, mask, GAMMA)


BACKENDS = pytest.mark.parametrize("penalty", [exact, finite, unit_norm])
EXACT = pytest.mark.parametrize("penalty", [exact, unit_norm])


def linear(weights: torch.Tensor, seen: list[torch.Tensor] | None = None) -> Judge:
    """A discriminator that is linear in all values of a sequence, its padding included."""

    def judge(inputs: torch.Tensor) -> Verdict:
        if seen is not None:
            seen.append(inputs)
        scores = torch.einsum("bti,ti->b", inputs, weights)[:, None]
        return Verdict(scores, torch.ones_like(scores, dtype=torch.bool), scores)

    return judge


def test_a_linear_discriminator_exactly() -> None:
    weights, lengths = torch.tensor([[1.0, 2.0], [3.0, 0.0], [9.0, 9.0]]), torch.tensor([3, 2, 1])
    found = exact(linear(weights), torch.randn(3, 3, 2), length_mask(lengths, 3))
    assert number(found) == pytest.approx(GAMMA / 2 * (176 + 14 + 5) / 3)


def test_the_norm_of_each_sequence_is_held_at_one() -> None:
    weights, lengths = torch.tensor([[3.0, 4.0], [0.0, 12.0], [9.0, 9.0]]), torch.tensor([2, 1, 2])
    found = unit_norm(linear(weights), torch.randn(3, 3, 2), length_mask(lengths, 3))
    # The norms are 13, 5 and 13; one norm over the whole batch would give another value.
    assert number(found) == pytest.approx(GAMMA * (12**2 + 4**2 + 12**2) / 3)
    unit = linear(weights[:1] / 5)
    assert number(unit_norm(unit, torch.randn(4, 1, 2), torch.ones(4, 1, dtype=torch.bool))) == pytest.approx(0)


def test_a_flat_discriminator_has_a_finite_gradient() -> None:
    weights = torch.zeros(2, 2, requires_grad=True)
    unit_norm(linear(weights), torch.randn(3, 2, 2), torch.ones(3, 2, dtype=torch.bool)).backward()
    assert torch.isfinite(weights.grad).all()


def test_points_between_real_and_generated_sequences() -> None:
    inputs, lengths = torch.randn(6, 4, 2), torch.tensor([4, 2, 3, 1, 4, 3])
    points, shared = interpolated(inputs, lengths, torch.tensor([0.0, 1.0, 0.25]))
    torch.testing.assert_close(points[0], inputs[0])
    torch.testing.assert_close(points[1], inputs[4])
    torch.testing.assert_close(points[2], 0.75 * inputs[2] + 0.25 * inputs[5])
    assert shared.tolist() == [1, 2, 3]


def test_a_linear_discriminator_by_differences() -> None:
    weights, rows = torch.tensor([[0.5, -0.2], [0.3, 0.4]]), 20_000
    squared = float(weights.square().sum())
    found = finite(linear(weights), torch.zeros(rows, 2, 2), torch.ones(rows, 2, dtype=torch.bool))
    # (e . w)^2 has the mean |w|^2 and the variance 2 |w|^4.
    error = GAMMA / 2 * squared * (2 / rows) ** 0.5
    assert number(found) == pytest.approx(GAMMA / 2 * squared, abs=4 * error)


def test_differences_have_the_exact_penalty_as_their_mean(discriminator: Make) -> None:
    # In double precision, or rounding would be larger than a difference that is small enough to have no bias.
    judge, (inputs, lengths) = discriminator(TokenSpace(6)).double(), batch_of(50)
    inputs, mask, draws = inputs.double(), length_mask(lengths, inputs.shape[1]), Draws(1, "directions")

    def scores(values: torch.Tensor) -> Verdict:
        return judge.judge(values, lengths, None)

    expected = number(exact(scores, inputs, mask))
    with torch.no_grad():
        scored = scores(inputs)
        found = torch.stack(
            [finite_difference_penalty(scores, scored, inputs, mask, GAMMA, 1e-3, draws) for _ in range(400)]
        )
    error = float(found.std()) / 400**0.5
    assert error < 0.03 * expected
    assert float(found.mean()) == pytest.approx(expected, abs=4 * error)


def test_its_gradient_on_a_linear_discriminator() -> None:
    # The penalty is gamma / 2 |w|^2, so its gradient is gamma w: of the weights that stand on padding, nothing.
    weights = torch.tensor([[1.0, 2.0], [3.0, -4.0]], requires_grad=True)
    lengths = torch.tensor([2, 2, 1, 1])
    exact(linear(weights), torch.randn(4, 2, 2), length_mask(lengths, 2)).backward()
    expected = GAMMA * weights.detach() * torch.tensor([[1.0], [0.5]])
    torch.testing.assert_close(weights.grad, expected)


def batch_of(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(rows, 5, 4, generator=generator), torch.randint(1, 6, (rows,), generator=generator)


@EXACT
def test_it_is_the_mean_over_sequences(discriminator: Make, penalty: Penalty) -> None:
    judge, (inputs, lengths) = discriminator(TokenSpace(6)), batch_of(6)
    mask = length_mask(lengths, 5)

    def on(rows: slice) -> float:
        return number(penalty(lambda values: judge.judge(values, lengths[rows], None), inputs[rows], mask[rows]))

    assert on(slice(0, 6)) == pytest.approx(sum(on(slice(row, row + 1)) for row in range(6)) / 6, rel=1e-5)


@EXACT
def test_a_batch_twice_over_has_the_same_penalty(discriminator: Make, penalty: Penalty) -> None:
    judge, (inputs, lengths) = discriminator(TokenSpace(6)), batch_of(6)
    penalties = [
        penalty(
            lambda values, times=times: judge.judge(values, lengths.repeat(times), None),
            inputs.repeat(times, 1, 1),
            length_mask(lengths, 5).repeat(times, 1),
        )
        for times in (1, 2)
    ]
    torch.testing.assert_close(*penalties)


@BACKENDS
@pytest.mark.parametrize("per_step", [False, True])
def test_the_weights_get_a_gradient_from_it_alone(discriminator: Make, penalty: Penalty, per_step: bool) -> None:
    judge, (inputs, lengths) = discriminator(TokenSpace(6), per_step=per_step), batch_of(6)
    penalty(lambda values: judge.judge(values, lengths, None), inputs, length_mask(lengths, 5)).backward()
    assert judge.heads[0].dense.weight.grad.abs().sum() > 0
    assert judge.encoders[0].forwards[0].weight_hh_l0.grad.abs().sum() > 0


def test_padding_is_not_moved() -> None:
    seen: list[torch.Tensor] = []
    inputs, mask = torch.randn(4, 6, 2), length_mask(torch.tensor([6, 1, 3, 5]), 6)
    finite(linear(torch.ones(6, 2), seen), inputs, mask)
    scored, moved = seen
    assert torch.equal(moved[~mask], scored[~mask])
    assert (moved[mask] != scored[mask]).all()


@EXACT
def test_padding_does_not_change_the_exact_penalties(discriminator: Make, penalty: Penalty) -> None:
    judge, (inputs, lengths) = discriminator(TokenSpace(6)), batch_of(6)
    wider = torch.nn.functional.pad(inputs, (0, 0, 0, 4), value=3.0)
    penalties = [
        penalty(lambda given: judge.judge(given, lengths, None), values, length_mask(lengths, values.shape[1]))
        for values in (inputs, wider)
    ]
    torch.testing.assert_close(*penalties)


def test_padding_does_not_change_a_difference(discriminator: Make) -> None:
    judge, (inputs, lengths) = discriminator(TokenSpace(6)), batch_of(6)
    directions = torch.randn(6, 9, 4)

    class Fixed(Draws):
        def normal(self, rows: int, *shape: int) -> torch.Tensor:
            return directions[:, : shape[0]]

    penalties = []
    for values in (inputs, torch.nn.functional.pad(inputs, (0, 0, 0, 4), value=3.0)):
        scored, mask = judge.judge(values, lengths, None), length_mask(lengths, values.shape[1])
        draws = Fixed(1, "directions")
        penalties.append(
            finite_difference_penalty(
                lambda given: judge.judge(given, lengths, None), scored, values, mask, GAMMA, 0.1, draws
            )
        )
    torch.testing.assert_close(*penalties)


def test_the_embedding_is_not_drowned_in_noise(discriminator: Make) -> None:
    judge, lengths = discriminator(TokenSpace(6)), torch.full((64,), 5)
    tokens = torch.randint(3, 6, (64, 5), generator=torch.Generator().manual_seed(1))

    def gradient(sigma: float) -> float:
        inputs = judge.embed(tokens)
        penalty = finite(
            lambda values: judge.judge(values, lengths, None), inputs, length_mask(lengths, 5), sigma=sigma
        )
        return float(torch.autograd.grad(penalty, judge.embedding.weight)[0].norm())

    # With the gradient through one end of the difference alone, it grows as 1 / sigma.
    assert gradient(0.003) < 3 * gradient(0.1)
