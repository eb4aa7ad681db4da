"""The policy gradient with its reward and its baseline, from a recipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import RecurrentEncoder
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.estimators.baselines import (
    Baseline,
    MovingAverageBaseline,
    NoBaseline,
    SelfCritical,
    ValueBaseline,
)
from seqgan_toolkit.objectives.estimators.leakgan import LeakGAN, Rescaled
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
from seqgan_toolkit.objectives.estimators.worth import Rank, Realness
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sampling.rollouts import RollOuts
from seqgan_toolkit.training.optimizers import Descent


def make_reinforce(
    config: schema.Reinforce,
    generator: TokenGenerator,
    max_length: int,
    descent: Callable[[nn.Module, schema.Optimizer], Descent],
) -> Reinforce:
    """Build the policy gradient.

    Raises:
        UserError: a third party's generator takes noise at every step.
    """
    if generator.step_noise_dim:
        raise UserError(
            f"'reinforce' needs the probability of a token: {type(generator).__name__} draws noise at every step"
        )
    policy = Policy(generator, max_length)
    reward = _make_reward(config.reward, policy)
    baseline = _make_baseline(config.baseline, policy, reward, descent)
    return Reinforce(policy, reward, baseline, entropy_weight=config.entropy_weight)


def make_leakgan(
    config: schema.LeakGAN,
    generator: ManagerWorkerGenerator,
    discriminator: Discriminator,
    max_length: int,
    descent: Callable[[nn.Module, schema.Optimizer], Descent],
) -> LeakGAN:
    """Build LeakGAN's estimator; the discriminator's encoder starts as the copy of it that the generator has."""
    policy, features = Policy(generator, max_length), generator.features
    reward = Rescaled(_make_reward(config.reward, policy), config.delta, max_length)
    worker = Reinforce(policy, reward, _make_baseline(config.baseline, policy, reward, descent), entropy_weight=0.0)
    encoder = next(encoder for encoder in discriminator.encoders if isinstance(encoder, RecurrentEncoder))
    assert discriminator.embedding is not None
    discriminator.embedding.load_state_dict(features.embedding.state_dict())
    encoder.forwards[0].load_state_dict(features.cell.network.state_dict())
    listen = partial(features.follow, discriminator.embedding, encoder.forwards[0], config.leak_rate)
    return LeakGAN(generator, worker, listen, intrinsic_weight=config.intrinsic_weight)


def _make_reward(config: schema.RewardConfig, policy: Policy) -> Reward:
    match config:
        case schema.RolloutReward():
            return _rolled_out(Realness(config.scale), policy, config.num_rollouts)
        case schema.SequenceReward():
            return WholeSequence(Realness(config.scale))
        case schema.DenseReward():
            return Dense(config.scale, config.discount)
        case schema.RankReward():
            rank = Rank(config.gamma, config.num_references)
            return _rolled_out(rank, policy, config.num_rollouts) if config.num_rollouts else WholeSequence(rank)
        case schema.MaliganReward():
            return ImportanceWeights()
        case schema.ConstantReward():
            return Constant()
    raise AssertionError(config)


def _rolled_out(worth: Realness | Rank, policy: Policy, num_rollouts: int) -> RolledOut:
    return RolledOut(worth, RollOuts(policy.generator, policy.max_length, num_rollouts))


def _make_baseline(
    config: schema.BaselineConfig,
    policy: Policy,
    reward: Reward,
    descent: Callable[[nn.Module, schema.Optimizer], Descent],
) -> Baseline:
    match config:
        case schema.NoBaseline():
            return NoBaseline()
        case schema.MovingAverageBaseline():
            return MovingAverageBaseline(config.decay)
        case schema.ValueBaseline():
            weight = policy.generator.head.weight
            head = nn.Linear(weight.shape[1], 1, device=weight.device)
            # It starts at no baseline, and needs no random numbers.
            for parameter in head.parameters():
                nn.init.zeros_(parameter)
            return ValueBaseline(head, descent(head, schema.Optimizer(lr=config.lr)))
        case schema.SelfCriticalBaseline():
            return SelfCritical(policy, reward)
    raise AssertionError(config)
