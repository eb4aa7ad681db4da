"""What the policy gradient needs of the rest of a recipe."""

from __future__ import annotations

from seqgan_toolkit.recipe.schema.discriminators import DiscriminatorConfig, RecurrentEncoder
from seqgan_toolkit.recipe.schema.estimators import Reinforce
from seqgan_toolkit.recipe.schema.generators import GeneratorConfig, TokenGenerator
from seqgan_toolkit.recipe.schema.rewards import DenseReward, RolloutReward, SequenceReward
from seqgan_toolkit.recipe.schema.training import Adversarial

LOGISTIC_LOSSES = ("non_saturating", "jensen_shannon")
"""Losses under which the sigmoid of a score is the probability of being real."""


def check_reinforce(
    estimator: Reinforce, adversarial: Adversarial, generator: GeneratorConfig, discriminator: DiscriminatorConfig
) -> None:
    """Refuse what a policy gradient cannot work with.

    Raises:
        ValueError: with what to choose instead.
    """
    if isinstance(generator, TokenGenerator) and generator.step_noise_dim:
        raise ValueError(
            "generator.step_noise_dim: with noise at every step a token has no one probability, which the estimator "
            "'reinforce' needs: give 0, and noise_dim for noise"
        )
    if discriminator.group_size:
        raise ValueError("discriminator.group_size: the reward of a sequence must not depend on its neighbours: give 0")
    if adversarial.max_shift:
        raise ValueError("adversarial.max_shift is for frames: give 0 with the estimator 'reinforce'")
    _check_reward(estimator, adversarial, discriminator)
    if estimator.baseline.kind == "self_critical" and estimator.reward.kind in ("constant", "maligan"):
        raise ValueError(
            f"adversarial.estimator.baseline: a reward of kind '{estimator.reward.kind}' says nothing of one greedy "
            "sequence: use 'none', 'moving_average' or 'value'"
        )


def _check_reward(estimator: Reinforce, adversarial: Adversarial, discriminator: DiscriminatorConfig) -> None:
    reward = estimator.reward
    scale = reward.scale if isinstance(reward, RolloutReward | SequenceReward | DenseReward) else None
    reads_probability = scale in ("probability", "centred") or reward.kind == "maligan"
    if reads_probability and adversarial.loss not in LOGISTIC_LOSSES:
        instead = f"'{LOGISTIC_LOSSES[0]}'" + (", or scale 'logit'" if scale else "")
        raise ValueError(
            f"adversarial.loss: the scores of '{adversarial.loss}' are no probabilities, which a reward of kind "
            f"'{reward.kind}' reads: use {instead}"
        )
    if reward.kind == "dense" and not _scores_single_steps(discriminator):
        raise ValueError(
            "adversarial.estimator.reward: 'dense' reads every step's own score, which must not have seen later steps: "
            "give discriminator.per_step: true and a first recurrent encoder with bidirectional: false and "
            "frames_per_step: 1"
        )
    if reward.kind == "rank" and reward.num_references >= adversarial.batch_size:
        raise ValueError(
            f"adversarial.estimator.reward.num_references {reward.num_references} leaves nothing of "
            f"adversarial.batch_size {adversarial.batch_size} real sequences to rank among: give fewer"
        )


def _scores_single_steps(discriminator: DiscriminatorConfig) -> bool:
    first = next((encoder for encoder in discriminator.encoders if isinstance(encoder, RecurrentEncoder)), None)
    return discriminator.per_step and first is not None and not first.bidirectional and first.frames_per_step == 1
