"""Rewards and baselines of the policy gradient."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section

Scale = Literal["probability", "centred", "logit"]


class RolloutReward(Section):
    """The mean score of completions of the prefix that ends with the token (SeqGAN, Yu et al. 2017)."""

    kind: Literal["rollout"]
    num_rollouts: int = Field(16, ge=1)
    """Completions of every prefix."""
    scale: Scale = "probability"
    """A score as it is (`logit`), its sigmoid D, or 2 D - 1."""


class SequenceReward(Section):
    """The score of the whole sequence, at every step."""

    kind: Literal["sequence"]
    scale: Scale = "probability"
    """A score as it is (`logit`), its sigmoid D, or 2 D - 1."""


class DenseReward(Section):
    """The discounted sum of this and all later steps' own scores (ScratchGAN, d'Autume et al. 2019)."""

    kind: Literal["dense"]
    discount: float = Field(0.23, ge=0, le=1)
    """The weight of a step's score for the step before it."""
    scale: Scale = "centred"
    """A score as it is (`logit`), its sigmoid D, or 2 D - 1."""


class RankReward(Section):
    """The rank of the sequence among real ones by its features (RankGAN, Lin et al. 2017)."""

    kind: Literal["rank"]
    gamma: float = Field(1.0, gt=0)
    """The inverse temperature of the ranks."""
    num_references: int = Field(16, ge=1)
    """Real sequences of a batch that others are compared with; the rest of the batch is what they are ranked among."""
    num_rollouts: int = Field(16, ge=0)
    """Completions of every prefix; 0 gives the rank of the whole sequence to all of its steps."""


class MaliganReward(Section):
    """The importance weights D / (1 - D) over their mean in the batch, less 1 (MaliGAN, Che et al. 2017)."""

    kind: Literal["maligan"]


class ConstantReward(Section):
    """1 at every step, whatever the discriminator says: the control of all the others."""

    kind: Literal["constant"]


RewardConfig = Annotated[
    RolloutReward | SequenceReward | DenseReward | RankReward | MaliganReward | ConstantReward,
    Field(discriminator="kind"),
]


class NoBaseline(Section):
    """No baseline."""

    kind: Literal["none"]


class MovingAverageBaseline(Section):
    """The mean reward of the batches before."""

    kind: Literal["moving_average"]
    decay: float = Field(0.9, ge=0, lt=1)
    """The weight of the past at every step."""


class ValueBaseline(Section):
    """A linear function of the generator's state, learnt by the squared error of the reward."""

    kind: Literal["value"]
    lr: float = Field(1e-3, gt=0)
    """Its learning rate at the start of the phase."""


class SelfCriticalBaseline(Section):
    """The reward of the most likely tokens' sequence for the same noise and label (Rennie et al. 2017)."""

    kind: Literal["self_critical"]


BaselineConfig = Annotated[
    NoBaseline | MovingAverageBaseline | ValueBaseline | SelfCriticalBaseline, Field(discriminator="kind")
]
