"""The ways in which a generator gets its gradient."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.rewards import (
    BaselineConfig,
    MovingAverageBaseline,
    NoBaseline,
    RewardConfig,
    RolloutReward,
    SequenceReward,
    ValueBaseline,
)


class Temperature(Section):
    """The temperature of the Gumbel-softmax, from `start` to `end` over the phase."""

    start: float = Field(1.0, gt=0)
    end: float = Field(1.0, gt=0)
    shape: Literal["linear", "exponential", "cosine"] = "exponential"


class GumbelSoftmax(Section):
    """Tokens with a gradient: a relaxed sample at every step (Jang et al. 2017; Maddison et al. 2017)."""

    kind: Literal["gumbel_softmax"]
    straight_through: bool = True
    """The discriminator sees hard tokens and their gradient is the soft ones'."""
    feedback: Literal["hard", "soft"] = "hard"
    """What the generator reads next: the token, or the mean embedding under the soft one, which carries a gradient to
    later steps and makes the samples inexact."""
    temperature: Temperature = Temperature()


class Pathwise(Section):
    """Frames: the gradient flows from the discriminator straight into the generator."""

    kind: Literal["pathwise"]


class Reinforce(Section):
    """The policy gradient (Williams 1992): hard tokens, whose probabilities grow with their rewards."""

    kind: Literal["reinforce"]
    reward: RewardConfig = RolloutReward(kind="rollout")
    """What a token is credited with."""
    baseline: BaselineConfig = NoBaseline(kind="none")
    """What is taken off its reward, so that the gradient scatters less."""
    entropy_weight: float = Field(0.0, ge=0)
    """Weight of the entropy of every step's distribution, which the generator raises."""


class LeakGAN(Section):
    """The policy gradient of a manager and a worker (Guo et al. 2018)."""

    kind: Literal["leakgan"]
    reward: RolloutReward | SequenceReward = Field(RolloutReward(kind="rollout", num_rollouts=4), discriminator="kind")
    """What a token is credited with, before it is ranked within the batch."""
    baseline: NoBaseline | MovingAverageBaseline | ValueBaseline = Field(NoBaseline(kind="none"), discriminator="kind")
    """What is taken off the worker's reward, so that the gradient scatters less."""
    delta: float = Field(12.0, gt=0)
    """The rewards are sigmoid(delta (0.5 - rank / B))."""
    intrinsic_weight: float = Field(1.0, ge=0)
    """Weight of the worker's reward for pursuing the manager's goals."""
    leak_rate: float = Field(0.1, gt=0, le=1)
    """The share of the way to the discriminator's encoder that the generator's copy goes before each of its turns; 1
    copies it."""


EstimatorConfig = Annotated[GumbelSoftmax | Reinforce | LeakGAN | Pathwise, Field(discriminator="kind")]
