"""The ways in which a generator gets its gradient."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section


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
    temperature: Temperature = Temperature()


class Pathwise(Section):
    """Frames: the gradient flows from the discriminator straight into the generator."""

    kind: Literal["pathwise"]


EstimatorConfig = Annotated[GumbelSoftmax | Pathwise, Field(discriminator="kind")]
