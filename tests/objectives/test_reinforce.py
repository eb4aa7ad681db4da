"""The policy gradient against the exact gradient over every sequence of three tokens and four steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.baselines import (
    Baseline,
    MovingAverageBaseline,
    NoBaseline,
    SelfCritical,
    ValueBaseline,
)
from seqgan_toolkit.objectives.estimators.policy import Policy
from seqgan_toolkit.objectives.estimators.reinforce import Reinforce
from seqgan_toolkit.objectives.estimators.rewards import (
    Constant,
    Dense,
    ImportanceWeights,
    Reward,
    RolledOut,
    WholeSequence,
)
from seqgan_toolkit.objectives.estimators.worth import SCALES, Rank, Realness
from seqgan_toolkit.sampling.rollouts import RollOuts
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
Judge = Callable[..., Discriminator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]
MakeTurn = Callable[..., Turn]
STEPS = 4


def weights(generator: TokenGenerator) -> list[torch.Tensor]:
    """What the gradients are compared for: the last, a middle and the first of the generator's weights."""
    return [generator.head.bias, generator.cell.network.weight_hh_l0, generator.embedding.weight]


def gradient(value: torch.Tensor, generator: TokenGenerator) -> torch.Tensor:
    found = torch.autograd.grad(value, weights(generator), retain_graph=True)
    return torch.cat([part.flatten() for part in found])


def batch_of(*sequences: tuple[int, ...]) -> SequenceBatch:
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    steps = int(lengths.max())
    return SequenceBatch(torch.tensor([(*row, *[0] * (steps - len(row))) for row in sequences]), lengths)


def reinforce(
    generator: TokenGenerator, reward: Reward, baseline: Baseline | None = None, entropy_weight: float = 0.0
) -> Reinforce:
    return Reinforce(Policy(generator, STEPS), reward, baseline or NoBaseline(), entropy_weight=entropy_weight)


def ascent(estimator: Reinforce, batch: SequenceBatch, turn: Turn) -> torch.Tensor:
    """The direction in which the estimator moves the generator on given sequences."""
    estimator.sample(None, len(batch), Draws(1, "noise"), 0.0, gradient=True)
    loss, _ = estimator.loss(batch, turn)
    return -gradient(loss, estimator.policy.generator)


def expected_ascent(
    estimator: Reinforce, exact: dict[tuple[int, ...], torch.Tensor], turn: Turn, rows: int = 1
) -> torch.Tensor:
    """The exact mean of the estimator over all batches of so many rows."""
    total: torch.Tensor | float = 0.0
    for sequences in product(exact, repeat=rows):
        probability = torch.stack([exact[sequence].detach() for sequence in sequences]).prod()
        total = total + probability * ascent(estimator, batch_of(*sequences), turn)
    assert isinstance(total, torch.Tensor)
    return total


def exact_ascent(
    generator: TokenGenerator,
    exact: dict[tuple[int, ...], torch.Tensor],
    value: Callable[[SequenceBatch], torch.Tensor],
) -> torch.Tensor:
    """The gradient of the mean of `value` over the generator's sequences."""
    mean = sum(probability * value(batch_of(sequence))[0] for sequence, probability in exact.items())
    assert isinstance(mean, torch.Tensor)
    return gradient(mean, generator)


def assert_close(found: torch.Tensor, expected: torch.Tensor) -> None:
    assert expected.abs().max() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=2e-5)


class Still:
    """An optimiser that stays where it is."""

    def step(self, loss: torch.Tensor, name: str, done: float) -> tuple[float, float]:
        return float(loss.detach()), 0.0

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pass


class Held(MovingAverageBaseline):
    """A moving average that stands at .7."""

    def __call__(self, episode: Any) -> torch.Tensor:
        self.load_state_dict({"total": 0.7, "weight": 1.0})
        return super().__call__(episode)


BASELINES: dict[str, Callable[[Policy, Reward], Baseline]] = {
    "none": lambda policy, reward: NoBaseline(),
    "moving_average": lambda policy, reward: Held(0.9),
    "value": lambda policy, reward: ValueBaseline(torch.nn.Linear(6, 1), Still()),
    "self_critical": SelfCritical,
}


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("scale", SCALES)
def test_the_score_of_the_whole_sequence_is_unbiased(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn, scale: Any, baseline: str
) -> None:
    generator, network = token_generator(), judge()
    exact, reward = every_sequence(generator, STEPS), WholeSequence(Realness(scale))
    policy = Policy(generator, STEPS)
    estimator = Reinforce(policy, reward, BASELINES[baseline](policy, reward), entropy_weight=0.0)
    expected = exact_ascent(generator, exact, lambda batch: SCALES[scale](network(batch).scores[:, 0]))
    assert_close(expected_ascent(estimator, exact, turn(network)), expected)


@pytest.mark.parametrize("baseline", ["none", "value", "self_critical"])
def test_scores_of_single_steps_are_unbiased_without_a_discount(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn, baseline: str
) -> None:
    generator, network = token_generator(), judge(per_step=True, bidirectional=False)
    exact, reward = every_sequence(generator, STEPS), Dense("centred", 1.0)
    policy = Policy(generator, STEPS)
    estimator = Reinforce(policy, reward, BASELINES[baseline](policy, reward), entropy_weight=0.0)
    expected = exact_ascent(generator, exact, lambda batch: SCALES["centred"](network(batch).scores[:, 1:]).sum(1))
    assert_close(expected_ascent(estimator, exact, turn(network)), expected)


@pytest.mark.parametrize(("discount", "bidirectional"), [(0.23, False), (1.0, True)])
def test_a_discount_is_a_bias_and_so_is_a_score_that_has_seen_later_steps(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn, discount: float, bidirectional: bool
) -> None:
    generator, network = token_generator(), judge(per_step=True, bidirectional=bidirectional)
    exact = every_sequence(generator, STEPS)
    expected = exact_ascent(generator, exact, lambda batch: SCALES["centred"](network(batch).scores[:, 1:]).sum(1))
    found = expected_ascent(reinforce(generator, Dense("centred", discount)), exact, turn(network))
    assert (found - expected).norm() > 0.02 * expected.norm()


def test_discounted_scores_are_summed_backwards(judge: Judge, turn: MakeTurn, token_generator: Make) -> None:
    network = judge(per_step=True, bidirectional=False)
    policy = Policy(token_generator(), STEPS)
    drawn = policy.draw(None, 20, Draws(1, "noise"))
    scores = network(drawn.batch).scores[:, 1:]
    found = Dense("logit", 0.5)(drawn, turn(network))
    for row, length in enumerate(drawn.batch.lengths.tolist()):
        for step in range(drawn.batch.num_steps):
            later = [0.5 ** (k - step) * float(scores[row, k]) for k in range(step, length)]
            assert float(found[row, step]) == pytest.approx(sum(later), abs=1e-5)


def test_a_constant_moves_nothing(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn
) -> None:
    generator = token_generator()
    exact = every_sequence(generator, STEPS)
    found = expected_ascent(reinforce(generator, Constant()), exact, turn(judge()))
    torch.testing.assert_close(found, torch.zeros_like(found), rtol=0, atol=2e-5)


def test_ranks_are_unbiased_and_are_what_the_paper_says(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn
) -> None:
    generator, network, gamma, num_references = token_generator(), judge(), 3.0, 2
    exact, now = every_sequence(generator, STEPS), turn(network)
    features = [network(now.real.rows([row])).features[0] for row in range(4)]

    def rank(batch: SequenceBatch) -> torch.Tensor:
        own, ranks = network(batch).features[0], []
        for reference in features[:num_references]:
            closeness = [torch.cosine_similarity(one, reference, dim=0) for one in (own, *features[num_references:])]
            ranks.append((gamma * torch.stack(closeness)).softmax(0)[0])
        return torch.stack(ranks).mean()[None]

    found = expected_ascent(reinforce(generator, WholeSequence(Rank(gamma, num_references))), exact, now)
    assert_close(found, exact_ascent(generator, exact, rank))


def test_importance_weights_are_biased_the_less_the_larger_the_batch(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn
) -> None:
    generator, network = token_generator(), judge()
    now = turn(network)
    estimator = Reinforce(Policy(generator, 3), ImportanceWeights(), NoBaseline(), entropy_weight=0.0)
    exact = every_sequence(generator, 3)
    odds = {sequence: network(batch_of(sequence)).scores[0, 0].exp() for sequence in exact}
    mean = sum(float(exact[sequence].detach()) * float(odds[sequence]) for sequence in exact)
    expected = exact_ascent(generator, exact, lambda batch: network(batch).scores[:, 0].exp() / mean)
    of_two = expected_ascent(estimator, exact, now, rows=2)
    assert (of_two - expected).norm() > 0.2 * expected.norm()
    # Of a batch in which every sequence comes as often as it should, nothing is left but rounding.
    counts = {sequence: round(4000 * float(probability.detach())) for sequence, probability in exact.items()}
    of_many = ascent(estimator, batch_of(*(sequence for sequence in exact for _ in range(counts[sequence]))), now)
    assert (of_many - expected).norm() < 0.02 * expected.norm()


def sampled(estimator: Reinforce, judge: Discriminator, turn: MakeTurn, batches: int) -> torch.Tensor:
    """The directions [batches, parameters] of whole turns, each with sequences and completions of its own."""

    def directions() -> Iterator[torch.Tensor]:
        draws = Draws(7, "turns")
        for number in range(batches):
            fake = estimator.sample(None, 150, draws, 0.0, gradient=True)
            loss, _ = estimator.loss(fake, turn(judge, seed=number))
            yield -gradient(loss, estimator.policy.generator)

    return torch.stack(list(directions()))


# Ranks lie close together: only a baseline near them leaves a gradient that can be told from its noise.
@pytest.mark.parametrize(
    ("worth", "baseline"),
    [("realness", "none"), ("realness", "value"), ("realness", "self_critical"), ("rank", "self_critical")],
)
def test_completions_are_unbiased(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn, worth: str, baseline: str
) -> None:
    generator, network = token_generator(), judge()
    exact, now = every_sequence(generator, STEPS), turn(network)
    valued: Realness | Rank = Realness("centred") if worth == "realness" else Rank(3.0, 2)
    policy, reward = Policy(generator, STEPS), RolledOut(valued, RollOuts(generator, STEPS, 2))
    estimator = Reinforce(policy, reward, BASELINES[baseline](policy, reward), entropy_weight=0.0)
    expected = exact_ascent(generator, exact, lambda batch: valued.of_turn(now)(network(batch)))
    found = sampled(estimator, network, turn, batches=60)
    error = found.std(0) / len(found) ** 0.5
    moved = error > 1e-7
    # Some seventy means that depend on each other: 4.5 standard errors are passed once in 2,000 tests.
    assert ((found.mean(0) - expected).abs()[moved] < 4.5 * error[moved]).all()
    # And the test can tell: the standard error of the whole is small beside the gradient.
    assert error.norm() < 0.25 * expected.norm()


def test_a_whole_turn_is_unbiased(
    token_generator: Make, judge: Judge, every_sequence: Enumerate, turn: MakeTurn
) -> None:
    generator, network = token_generator(), judge()
    estimator = reinforce(generator, WholeSequence(Realness("logit")))
    expected = exact_ascent(generator, every_sequence(generator, STEPS), lambda batch: network(batch).scores[:, 0])
    found = sampled(estimator, network, turn, batches=60)
    error = found.std(0) / len(found) ** 0.5
    assert ((found.mean(0) - expected).abs() <= 4.5 * error + 1e-6).all()


def test_entropy_is_that_of_each_step_and_is_raised(token_generator: Make, judge: Judge, turn: MakeTurn) -> None:
    generator = token_generator()
    batch = batch_of((3, 4, 2), (4, 2))
    policy = Policy(generator, STEPS)
    drawn = policy.draw(None, 2, Draws(1, "noise"))
    followed = policy.follow(type(drawn)(batch, drawn.noise))
    logits = generator.head(generator.outputs(torch.tensor([[1, 3, 4], [1, 4, 2]]), None, drawn.noise))[..., 2:]
    expected = torch.distributions.Categorical(logits=logits).entropy() * batch.mask
    torch.testing.assert_close(followed.entropy, expected)
    plain, raised = (ascent(reinforce(generator, Constant(), entropy_weight=w), batch, turn(judge())) for w in (0, 0.5))
    torch.testing.assert_close(raised - plain, 0.5 * gradient(expected.sum(1).mean(), generator), rtol=1e-3, atol=1e-5)
