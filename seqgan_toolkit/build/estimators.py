"""Gradient estimators, from a recipe."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.generators import make_sampler
from seqgan_toolkit.build.policies import make_leakgan, make_reinforce
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.estimators.base import Estimator
from seqgan_toolkit.objectives.estimators.gumbel_softmax import GumbelSoftmax
from seqgan_toolkit.objectives.estimators.pathwise import Pathwise
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.training.optimizers import Descent


def make_estimator(
    config: schema.EstimatorConfig,
    generator: nn.Module,
    discriminator: Discriminator,
    facts: DataFacts,
    descent: Callable[[nn.Module, schema.Optimizer], Descent],
) -> Estimator:
    """Build what gives a generator its gradient.

    Args:
        config: the section of the recipe.
        generator: the generator.
        discriminator: the discriminator, for what listens to it.
        facts: what the data are.
        descent: makes the optimiser of what an estimator learns itself.
    """
    if isinstance(config, schema.Pathwise):
        return Pathwise(make_sampler(generator, facts.max_length))
    assert isinstance(generator, TokenGenerator)
    if isinstance(config, schema.Reinforce):
        return make_reinforce(config, generator, facts.max_length, descent)
    if isinstance(config, schema.LeakGAN):
        assert isinstance(generator, ManagerWorkerGenerator)
        return make_leakgan(config, generator, discriminator, facts.max_length, descent)
    return GumbelSoftmax(
        generator,
        facts.max_length,
        straight_through=config.straight_through,
        feedback=config.feedback,
        **config.temperature.model_dump(),
    )
