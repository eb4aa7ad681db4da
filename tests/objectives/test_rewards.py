from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.encoders import RecurrentEncoder
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.objectives.estimators import worth
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.baselines import MovingAverageBaseline, NoBaseline
from seqgan_toolkit.objectives.estimators.policy import Drawn, Policy
from seqgan_toolkit.objectives.estimators.reinforce import Reinforce
from seqgan_toolkit.objectives.estimators.rewards import (
    Constant,
    Dense,
    ImportanceWeights,
    Reward,
    RolledOut,
    WholeSequence,
)
from seqgan_toolkit.objectives.estimators.worth import Rank, Realness
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.sampling.rollouts import RollOuts
from seqgan_toolkit.sampling.tokens import forbid
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.penalty import PenaltySettings

Make = Callable[..., TokenGenerator]
Judge = Callable[..., Discriminator]
MakeTurn = Callable[..., Turn]
STEPS = 6
REWARDS: dict[str, Callable[[TokenGenerator], Reward]] = {
    "rollout": lambda generator: RolledOut(Realness("probability"), RollOuts(generator, STEPS, 3)),
    "sequence": lambda generator: WholeSequence(Realness("logit")),
    "dense": lambda generator: Dense("centred", 0.5),
    "rank": lambda generator: RolledOut(Rank(2.0, 2), RollOuts(generator, STEPS, 3)),
    "maligan": lambda generator: ImportanceWeights(),
    "constant": lambda generator: Constant(),
}
EVERY = pytest.mark.parametrize("kind", REWARDS)


def by_first_token(batch: SequenceBatch) -> Verdict:
    """A discriminator that looks at the first token alone."""
    scores = batch.values[:, :1].float()
    return Verdict(scores, torch.ones_like(scores, dtype=torch.bool), scores)


def test_a_token_gets_the_reward_of_its_own_sentence(token_generator: Make, turn: MakeTurn) -> None:
    # Rewards that are put together in the wrong order of axes give a token another sentence's.
    generator = token_generator(size=9)
    drawn = Policy(generator, STEPS).draw(None, 32, Draws(1, "noise"))
    firsts = drawn.batch.values[:, :1].float()
    assert len(firsts.unique()) > 3
    rewards = RolledOut(Realness("logit"), RollOuts(generator, STEPS, 5))(drawn, turn(by_first_token))
    torch.testing.assert_close(rewards, firsts * drawn.batch.mask)


@torch.no_grad()
def test_the_reward_of_a_prefix_is_the_mean_of_what_may_follow(
    token_generator: Make, judge: Judge, turn: MakeTurn
) -> None:
    generator, network, steps = token_generator(), judge(), 3
    drawn = Policy(generator, steps).draw(None, 12, Draws(1, "noise"))

    def value(prefix: list[int]) -> float:
        if len(prefix) == steps or prefix[-1] == 2:
            batch = SequenceBatch(torch.tensor([prefix]), torch.tensor([len(prefix)]))
            return float(network(batch).scores[0, 0].sigmoid())
        longer = SequenceBatch(torch.tensor([[*prefix, 2]]), torch.tensor([len(prefix) + 1]))
        logits = generator(longer, shift_right(longer, 1), Draws(0, "none"))[0, -1:]
        chances = forbid(logits, generator.space).softmax(-1)[0].tolist()
        return sum(chances[token] * value([*prefix, token]) for token in (2, 3, 4))

    found = RolledOut(Realness("probability"), RollOuts(generator, steps, 4000))(drawn, turn(network))
    for row, length in enumerate(drawn.batch.lengths.tolist()):
        tokens = drawn.batch.values[row].tolist()
        for step in range(length):
            expected = value(tokens[: step + 1])
            # A mean of 4000 numbers of [0, 1] has a standard error below .008; the last step's is no mean.
            assert float(found[row, step]) == pytest.approx(expected, abs=0.03 if step < length - 1 else 1e-5)


@EVERY
def test_padding_gets_no_reward_and_no_gradient(token_generator: Make, judge: Judge, turn: MakeTurn, kind: str) -> None:
    generator, network = token_generator(), judge(per_step=kind == "dense", bidirectional=False)
    reward, policy, now = REWARDS[kind](generator), Policy(generator, STEPS), turn(network)
    drawn = policy.draw(None, 16, Draws(1, "noise"))
    mask = drawn.batch.mask
    assert not mask.all()
    assert (reward(drawn, now)[~mask] == 0).all()
    found = []
    for filler in (0, 4):
        spoilt = SequenceBatch(drawn.batch.values.masked_fill(~mask, filler), drawn.batch.lengths)
        estimator = Reinforce(policy, reward, MovingAverageBaseline(0.9), entropy_weight=0.3)
        estimator.sample(None, 16, Draws(1, "noise"), 0.0, gradient=True)
        loss, _ = estimator.loss(spoilt, turn(network))
        found.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(generator.parameters()))]))
    torch.testing.assert_close(*found)


@EVERY
def test_scores_come_without_dropout_and_without_a_gradient(
    token_generator: Make, discriminator: Judge, turn: MakeTurn, kind: str
) -> None:
    encoder = RecurrentEncoder(4, cell="gru", hidden_dim=5, dropout=0.5, bidirectional=False)
    network = discriminator(TokenSpace(5), [encoder], per_step=kind == "dense")
    critic = critic_of(network)
    generator = token_generator(noise_dim=2, dropout=0.5).train()
    use_draws(generator, Draws(1, "dropout"))
    estimator = Reinforce(Policy(generator, STEPS), REWARDS[kind](generator), NoBaseline(), entropy_weight=0.0)
    fake = estimator.sample(None, 8, Draws(1, "noise"), 0.0, gradient=True)
    assert not fake.values.is_floating_point()
    critic.learn(fake, fake, 0.0)
    losses = [estimator.loss(fake, turn(critic.judge, real=fake))[0] for _ in range(2)]
    assert float(losses[0].detach()) == float(losses[1].detach())
    network.zero_grad(set_to_none=True)
    losses[0].backward()
    assert all(parameter.grad is None for parameter in network.parameters())
    assert generator.embedding.weight.grad is not None
    assert generator.dropout.training, "teacher forcing needs it later"


def critic_of(network: Discriminator) -> Critic:
    usual = {"lr": 1e-2, "betas": (0.9, 0.99), "weight_decay": 0.0, "clip": 5.0, "decay_from": 1.0, "final_lr": 1.0}
    penalty = PenaltySettings(gamma=0.0, every=1, backend="exact", sigma=0.1)
    streams: dict[str, Any] = {"dropout": Draws(1, "dropout", blocks=2), "draws": Draws(1, "critic", blocks=2)}
    use_draws(network, streams["dropout"])
    descent = Descent(network, **usual, ranks=Ranks())
    return Critic(network, descent, LOSSES["non_saturating"], penalty, **streams, autocast=False)


def test_many_sequences_are_scored_a_bounded_number_at_once(
    judge: Judge, turn: MakeTurn, token_generator: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, seen = judge(), []

    def noting(batch: SequenceBatch) -> Verdict:
        seen.append((len(batch), batch.num_steps))
        return network(batch)

    drawn = Policy(token_generator(), STEPS).draw(None, 30, Draws(1, "noise"))
    now, realness = turn(noting), Realness("logit")
    whole = worth.score(drawn.batch, now, realness.of_turn(now))
    monkeypatch.setattr(worth, "AT_ONCE", 7)
    seen.clear()
    torch.testing.assert_close(worth.score(drawn.batch, now, realness.of_turn(now)), whole)
    assert [rows for rows, _ in seen] == [7, 7, 7, 7, 2]


@pytest.mark.parametrize("settings", [{}, {"noise_dim": 3}, {"noise_dim": 2, "num_labels": 3, "dropout": 0.5}])
def test_probabilities_are_those_of_the_policy_that_drew(token_generator: Make, settings: dict[str, Any]) -> None:
    generator = token_generator(**settings).train()
    labels = torch.arange(20) % 3 if generator.num_labels else None
    policy = Policy(generator, STEPS)
    drawn = policy.draw(labels, 20, Draws(1, "noise"))
    followed = policy.follow(drawn)
    table, state = generator.input_table(), generator.start(drawn.noise, labels)
    tokens = torch.full((20,), 1)
    for step in range(drawn.batch.num_steps):
        logits, state = generator.step(table[tokens], state, torch.empty(20, 0))
        tokens = drawn.batch.values[:, step]
        inside = drawn.batch.mask[:, step]
        expected = forbid(logits, generator.space).log_softmax(-1).gather(1, tokens[:, None])[:, 0]
        torch.testing.assert_close(followed.log_probs[inside, step], expected[inside])
        assert (followed.log_probs[~inside, step] == 0).all()


def test_the_policy_draws_in_float32_under_autocast(token_generator: Make) -> None:
    policy = Policy(token_generator(size=300), STEPS)
    plain = policy.draw(None, 200, Draws(1, "noise")).batch
    with torch.autocast("cpu", torch.bfloat16):
        rounded = policy.draw(None, 200, Draws(1, "noise")).batch
    assert torch.equal(plain.values, rounded.values)


def test_the_greedy_sequence_keeps_noise_and_label(token_generator: Make) -> None:
    generator = token_generator(size=9, scale=3.0, noise_dim=8, num_labels=8, num_layers=2, cell="rnn")
    policy = Policy(generator, STEPS)
    drawn = policy.draw(torch.arange(30) % 8, 30, Draws(1, "noise"))
    first, second = policy.greedy(drawn), policy.greedy(Drawn(drawn.batch, drawn.noise))
    assert torch.equal(first.batch.values, second.batch.values)
    assert len(first.batch.values.unique(dim=0)) > 3
    assert policy.follow(first).log_probs.sum(1).mean() > policy.follow(drawn).log_probs.sum(1).mean()


@pytest.mark.parametrize("kind", ["rollout", "sequence", "dense"])
def test_the_generator_learns_what_is_rewarded(token_generator: Make, judge: Judge, turn: MakeTurn, kind: str) -> None:
    generator, network = token_generator(scale=1.0), judge(per_step=kind == "dense", bidirectional=False)
    estimator = Reinforce(
        Policy(generator, STEPS), REWARDS[kind](generator), MovingAverageBaseline(0.9), entropy_weight=0.0
    )
    optimizer, draws = torch.optim.Adam(generator.parameters(), lr=0.05), Draws(1, "noise")
    rewards = []
    for step in range(40):
        fake = estimator.sample(None, 64, draws, 0.0, gradient=True)
        loss, values = estimator.loss(fake, turn(network, seed=step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rewards.append(float(values["generator/reward"]))
    before, after = sum(rewards[:5]) / 5, sum(rewards[-5:]) / 5
    assert after > before + 0.1 * abs(before)
