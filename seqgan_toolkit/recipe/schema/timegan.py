"""TimeGAN's phases."""

from __future__ import annotations

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.training import Optimizer


class TimeGAN(Section):
    """Autoencoding, supervising, and a game in the latent space (TimeGAN, Yoon et al. 2019)."""

    autoencoding_steps: int = Field(ge=1)
    """Steps of the embedder and the recovery alone."""
    supervising_steps: int = Field(ge=1)
    """Steps of the supervisor alone."""
    steps: int = Field(ge=1)
    """Rounds in which all networks learn; the discriminator's section says what judges the latents."""
    batch_size: int = Field(128, ge=2)
    generator_steps: int = Field(2, ge=1)
    """Steps of the generator, and of the autoencoder, before each one of the discriminator."""
    supervised_weight: float = Field(100.0, ge=0)
    """Weight of the root of the supervisor's squared error in the generator's loss."""
    moment_weight: float = Field(100.0, ge=0)
    """Weight of the distance between the means and standard deviations of generated and of real frames."""
    discriminator_floor: float = Field(0.15, ge=0)
    """The discriminator rests while the sum of its three cross-entropies is not above this."""
    autoencoder_optimizer: Optimizer = Optimizer()
    generator_optimizer: Optimizer = Optimizer()
    """Of the generator and the supervisor."""
    discriminator_optimizer: Optimizer = Optimizer()
