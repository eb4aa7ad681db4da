"""TimeGAN's networks and phases, from a recipe."""

from __future__ import annotations

from torch import nn

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.hidden_critic import make_hidden_critic
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.phase import Phase
from seqgan_toolkit.training.timegan import Autoencoding, JointTraining, LatentLessons, Supervising


def make_timegan_generator(config: schema.TimeGANGenerator, facts: DataFacts) -> TimeGANGenerator:
    """Build the embedder, the recovery, the generator and the supervisor, which has one layer less."""
    assert isinstance(facts.space, FrameSpace)
    sizes = {"hidden_dim": config.hidden_dim, "num_layers": config.num_layers}
    return TimeGANGenerator(
        facts.space,
        num_labels=facts.num_labels,
        max_length=facts.max_length,
        cell=cell_maker(config.cell, **sizes),
        supervisor_cell=cell_maker(config.cell, **{**sizes, "num_layers": max(1, config.num_layers - 1)}),
        latent_dim=config.hidden_dim,
        noise_dim=config.noise_dim or facts.space.dim,
        label_dim=config.label_dim,
    )


def make_timegan(
    shop: Workshop, config: schema.TimeGAN, generator: TimeGANGenerator, average: MovingAverage
) -> list[Phase]:
    """Build the three phases."""
    discriminator = shop.recipe.discriminator
    assert discriminator is not None
    lessons = LatentLessons(
        generator=generator,
        average=average,
        loader=shop.grouped_loader("timegan", config.batch_size, discriminator),
        draws=shop.draws("noise of timegan"),
        device=shop.device,
        autocast=shop.autocast,
    )
    autoencoder = nn.ModuleDict({"embedder": generator.embedder, "recovery": generator.recovery})
    supervisor = nn.ModuleDict({"supervisor": generator.supervisor})
    both = nn.ModuleDict({"generator": generator.generator, "supervisor": generator.supervisor})
    return [
        Autoencoding(
            lessons,
            descent=shop.descent(autoencoder, config.autoencoder_optimizer),
            steps=config.autoencoding_steps,
        ),
        Supervising(
            lessons,
            descent=shop.descent(supervisor, config.generator_optimizer),
            steps=config.supervising_steps,
        ),
        JointTraining(
            lessons,
            critic=make_hidden_critic(
                shop,
                discriminator,
                config.discriminator_optimizer,
                space=generator.latent_space,
                rests=lambda loss, accuracy: loss <= config.discriminator_floor,
            ),
            generator_descent=shop.descent(both, config.generator_optimizer),
            autoencoder_descent=shop.descent(autoencoder, config.autoencoder_optimizer),
            steps=config.steps,
            generator_steps=config.generator_steps,
            supervised_weight=config.supervised_weight,
            moment_weight=config.moment_weight,
        ),
    ]
