"""TimeGAN's networks and phases, from a recipe."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.build.discriminators import make_discriminator
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.latent_critic import LatentCritic
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
            critic=_make_critic(shop, config, discriminator, generator),
            generator_descent=shop.descent(both, config.generator_optimizer),
            autoencoder_descent=shop.descent(autoencoder, config.autoencoder_optimizer),
            steps=config.steps,
            generator_steps=config.generator_steps,
            supervised_weight=config.supervised_weight,
            moment_weight=config.moment_weight,
        ),
    ]


def _make_critic(
    shop: Workshop, config: schema.TimeGAN, discriminator: schema.DiscriminatorConfig, generator: TimeGANGenerator
) -> LatentCritic:
    facts = replace(shop.facts, space=generator.latent_space)
    network = make_discriminator(discriminator, facts, shop.recipe.seed, max_shift=0).to(shop.device)
    # It sees real latents and two kinds of generated ones in one batch.
    dropout = shop.draws("discriminator's dropout", blocks=3)
    use_draws(network, dropout)
    descent = shop.descent(network, config.discriminator_optimizer)
    return LatentCritic(network, descent, dropout=dropout, floor=config.discriminator_floor)
