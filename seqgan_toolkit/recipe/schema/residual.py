"""The residual phase: a discriminator that corrects a finished generator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.generators import TokenGenerator
from seqgan_toolkit.recipe.schema.training import Optimizer


class Backward(Section):
    """A second generator, which reads from the end; the discriminator's logit is made of the likelihoods of both."""

    steps: int = Field(ge=1)
    """Steps of teacher forcing."""
    batch_size: int = Field(64, ge=1)
    optimizer: Optimizer = Optimizer()
    generator: TokenGenerator | None = None
    """Its network; the generator's settings when null."""
    game_dropout: float = Field(0.2, ge=0, lt=1)
    """The most dropout that it keeps in the game: what it drops of a sentence moves the logit of the whole."""
    control: bool = False
    """In place of the game as many steps of maximum likelihood for it, at the same rate: what is no game's gain."""


class Residual(Section):
    """A discriminator, trained against the finished generator, whose score tilts it (Deng et al. 2020)."""

    steps: int = Field(ge=1)
    batch_size: int = Field(256, ge=2)
    """Real sequences in a step, and as many fresh samples."""
    optimizer: Optimizer = Optimizer()
    embedding: Literal["own", "from_generator", "frozen"] = "own"
    """The discriminator's token embedding: learnt from nothing, learnt from the generator's on, or the generator's."""
    calibrate_every: int = Field(50, ge=1)
    """Steps between two looks at the gain in likelihood on the validation split; the best weights are kept."""
    calibration_samples: int = Field(4000, ge=100)
    """Samples of the generator on which the gain is computed, and the most validation sequences."""
    num_proposals: int = Field(16, ge=1)
    """Samples of the generator among which a sequence is chosen; the bias falls with their number."""
    partition_samples: int = Field(50_000, ge=100)
    """Samples from which `evaluate` brackets the normaliser of the likelihood."""
    backward: Backward | None = None
    """A generator of the other direction, trained first, that the discriminator is made of in place of the section
    `discriminator`."""
