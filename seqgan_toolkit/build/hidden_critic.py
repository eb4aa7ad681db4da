"""Discriminators of what goes on inside a generator, from a recipe."""

from __future__ import annotations

from dataclasses import replace

from seqgan_toolkit.build.discriminators import make_discriminator
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace
from seqgan_toolkit.training.hidden_critic import HiddenCritic, Rests


def make_hidden_critic(
    shop: Workshop,
    discriminator: schema.DiscriminatorConfig,
    optimizer: schema.Optimizer,
    *,
    space: FrameSpace,
    rests: Rests,
) -> HiddenCritic:
    """Build a discriminator of sequences of vectors, with its optimiser.

    Args:
        shop: what every part is made with.
        discriminator: its settings.
        optimizer: those of its optimiser.
        space: the space of the vectors.
        rests: given loss and accuracy, whether it takes no step.
    """
    network = make_discriminator(discriminator, replace(shop.facts, space=space), shop.recipe.seed, max_shift=0)
    network.to(shop.device)
    dropout = shop.draws("hidden critic's dropout")
    use_draws(network, dropout)
    descent = shop.descent(network, optimizer)
    return HiddenCritic(network, descent, dropout=dropout, rests=rests, autocast=shop.autocast)
