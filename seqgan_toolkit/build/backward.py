"""A language model that reads from the end, from a recipe."""

from __future__ import annotations

from typing import Any

import torch

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.generators import make_generator
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.backward import BackwardGenerator
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.teacher_forcing import BackwardTeacher, TeacherForcing

AVERAGE = "backward_average"
"""Its moving average, as a checkpoint names it."""


def make_backward(recipe: schema.Recipe, facts: DataFacts) -> BackwardGenerator:
    """Build the generator with its first weights.

    Raises:
        UserError: it makes no tokens.
    """
    assert recipe.residual is not None
    assert recipe.residual.backward is not None
    config = recipe.residual.backward.generator or recipe.generator
    reader = make_generator(config, facts, seed_for(recipe.seed, "backward"))
    if not isinstance(reader, TokenGenerator):
        raise UserError(f"'residual.backward' needs a generator of kind 'tokens', not a {type(reader).__name__}")
    return BackwardGenerator(reader)


def make_backward_training(
    shop: Workshop, config: schema.Backward, parts: dict[str, Any]
) -> tuple[TeacherForcing, MovingAverage]:
    """Build the phase that trains it, and the average that the phase leaves behind; both networks go to `parts`."""
    train = shop.corpus.splits["train"]
    backward, averaged = (make_backward(shop.recipe, shop.facts).to(shop.device) for _ in range(2))
    backward.reader.fit_bias(train.token_counts())
    average = MovingAverage(backward, averaged, shop.recipe.ema)
    dropout = shop.draws("dropout of backward")
    use_draws(backward, dropout)
    parts.update({"backward": backward, AVERAGE: average, "backward_dropout": dropout})
    phase = TeacherForcing(
        name="backward",
        teacher=BackwardTeacher(backward, float(train.lengths.mean())),
        generator=backward,
        descent=shop.descent(backward.reader, config.optimizer),
        average=average,
        loader=shop.loader("backward", config.batch_size, by_length=True),
        draws=shop.draws("noise of backward"),
        steps=config.steps,
        own_share=0.0,
        professor=None,
        device=shop.device,
        autocast=shop.autocast,
    )
    return phase, average


def load_backward(
    recipe: schema.Recipe, facts: DataFacts, state: dict[str, Any], device: torch.device
) -> BackwardGenerator:
    """Rebuild it from a checkpoint: its moving average, in evaluation mode."""
    backward = make_backward(recipe, facts)
    backward.load_state_dict(state["parts"][AVERAGE]["weights"])
    return backward.to(device).eval().requires_grad_(False)
