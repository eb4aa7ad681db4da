"""The cooperative phase, from a recipe."""

from __future__ import annotations

import torch

from seqgan_toolkit.build.generators import make_generator, make_sampler
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.training.cooperative import CooperativeTraining
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.teacher_forcing import TokenTeacher


def make_cooperative(
    shop: Workshop, config: schema.Cooperative, generator: torch.nn.Module, average: MovingAverage
) -> CooperativeTraining:
    """Build the phase in which a generator and its mediator learn together.

    Raises:
        UserError: the generator makes no tokens.
    """
    train = shop.corpus.splits["train"]
    # Weights of its own: a mediator that starts as the generator has nothing to tell it.
    seed = seed_for(shop.recipe.seed, "mediator")
    mediator = make_generator(config.mediator or shop.recipe.generator, shop.facts, seed)
    if not isinstance(generator, TokenGenerator) or not isinstance(mediator, TokenGenerator):
        raise UserError(f"'cooperative' needs a generator of kind 'tokens', not a {type(generator).__name__}")
    mediator.fit_bias(train.token_counts())
    mediator.to(shop.device)
    dropout = shop.draws("mediator's dropout")
    use_draws(mediator, dropout)
    return CooperativeTraining(
        generator=generator,
        mediator=mediator,
        teacher=TokenTeacher(mediator, float(train.lengths.mean())),
        sampler=make_sampler(generator, shop.facts.max_length),
        generator_descent=shop.descent(generator, config.generator_optimizer),
        mediator_descent=shop.descent(mediator, config.mediator_optimizer),
        mediator_dropout=dropout,
        average=average,
        loader=shop.loader("cooperative", config.batch_size, by_length=True),
        draws=shop.draws("noise of cooperative"),
        steps=config.steps,
        mediator_steps=config.mediator_steps,
        device=shop.device,
        autocast=shop.autocast,
    )
