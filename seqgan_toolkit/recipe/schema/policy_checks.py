"""What the policy gradient needs of the rest of a recipe."""

from __future__ import annotations

from seqgan_toolkit.recipe.schema.discriminators import DiscriminatorConfig, RecurrentEncoder
from seqgan_toolkit.recipe.schema.estimators import LeakGAN, Reinforce
from seqgan_toolkit.recipe.schema.generators import GeneratorConfig, ManagerWorkerGenerator, TokenGenerator
from seqgan_toolkit.recipe.schema.rewards import DenseReward, RolloutReward, SequenceReward
from seqgan_toolkit.recipe.schema.training import Adversarial

LOGISTIC_LOSSES = ("non_saturating", "jensen_shannon")
"""Losses under which the sigmoid of a score is the probability of being real."""


def check_policy(
    estimator: Reinforce | LeakGAN,
    adversarial: Adversarial,
    generator: GeneratorConfig,
    discriminator: DiscriminatorConfig,
) -> None:
    """Refuse what a policy gradient cannot work with.

    Raises:
        ValueError: with what to choose instead.
    """
    if isinstance(estimator, LeakGAN):
        _check_leak(generator, discriminator)
    if isinstance(generator, TokenGenerator) and generator.step_noise_dim:
        raise ValueError(
            "generator.step_noise_dim: with noise at every step a token has no one probability, which the estimator "
            "'reinforce' needs: give 0, and noise_dim for noise"
        )
    if discriminator.group_size:
        raise ValueError("discriminator.group_size: the reward of a sequence must not depend on its neighbours: give 0")
    if adversarial.max_shift:
        raise ValueError("adversarial.max_shift is for frames: give 0 with a policy gradient")
    _check_reward(estimator, adversarial, discriminator)
    if estimator.baseline.kind == "self_critical" and estimator.reward.kind in ("constant", "maligan"):
        raise ValueError(
            f"adversarial.estimator.baseline: a reward of kind '{estimator.reward.kind}' says nothing of one greedy "
            "sequence: use 'none', 'moving_average' or 'value'"
        )


def _check_leak(generator: GeneratorConfig, discriminator: DiscriminatorConfig) -> None:
    if not isinstance(generator, ManagerWorkerGenerator):
        raise ValueError("adversarial.estimator: 'leakgan' needs a generator of kind 'manager_worker'")
    leaked = generator.features
    first = _first_recurrent(discriminator)
    wanted = {"cell": leaked.cell, "hidden_dim": leaked.hidden_dim, "num_layers": 1, "frames_per_step": 1}
    wanted["bidirectional"] = False
    fits = first is not None and first.model_dump(include=set(wanted)) == wanted
    joined = discriminator.label != "projection"
    if not fits or joined or discriminator.embedding_dim != leaked.embedding_dim:
        raise ValueError(
            "generator.features are those of the discriminator's first recurrent encoder: give discriminator."
            f"embedding_dim {leaked.embedding_dim} and an encoder {{kind: recurrent, cell: {leaked.cell}, hidden_dim: "
            f"{leaked.hidden_dim}, bidirectional: false}} of one layer, and label: projection"
        )


def _check_reward(estimator: Reinforce | LeakGAN, adversarial: Adversarial, discriminator: DiscriminatorConfig) -> None:
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
            "give discriminator.scores: both and a first recurrent encoder with bidirectional: false and "
            "frames_per_step: 1"
        )
    if reward.kind == "rank" and reward.num_references >= adversarial.batch_size:
        raise ValueError(
            f"adversarial.estimator.reward.num_references {reward.num_references} leaves nothing of "
            f"adversarial.batch_size {adversarial.batch_size} real sequences to rank among: give fewer"
        )


def _scores_single_steps(discriminator: DiscriminatorConfig) -> bool:
    first = _first_recurrent(discriminator)
    return (
        discriminator.scores != "sequence"
        and first is not None
        and not first.bidirectional
        and first.frames_per_step == 1
    )


def _first_recurrent(discriminator: DiscriminatorConfig) -> RecurrentEncoder | None:
    return next((encoder for encoder in discriminator.encoders if isinstance(encoder, RecurrentEncoder)), None)
