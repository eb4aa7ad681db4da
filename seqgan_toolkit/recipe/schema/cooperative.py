"""The cooperative phase: a generator and a mediator."""

from __future__ import annotations

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.generators import TokenGenerator
from seqgan_toolkit.recipe.schema.training import Optimizer


class Cooperative(Section):
    """The generator moves towards a mediator that learns the mixture of it and the data (CoT, Lu et al. 2019)."""

    steps: int = Field(ge=1)
    """Steps of the generator."""
    batch_size: int = Field(64, ge=1)
    mediator: TokenGenerator | None = None
    """The mediator's network; the generator's settings when null."""
    mediator_steps: int = Field(1, ge=1)
    """Steps of the mediator before each one of the generator."""
    generator_optimizer: Optimizer = Optimizer()
    mediator_optimizer: Optimizer = Optimizer()
