"""Professor forcing, from a recipe."""

from __future__ import annotations

from torch import nn

from seqgan_toolkit.build.hidden_critic import make_hidden_critic
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace
from seqgan_toolkit.training.professor_forcing import (
    LEARNS_BELOW,
    Behaviour,
    FrameBehaviour,
    ProfessorForcing,
    TokenBehaviour,
)


def make_professor(shop: Workshop, config: schema.ProfessorForcing, generator: nn.Module) -> ProfessorForcing:
    """Build what a generator that feeds back is professor-forced with."""
    behaviour = _make_behaviour(generator, shop.facts.max_length)
    encoder = schema.RecurrentEncoder(kind="recurrent", hidden_dim=config.hidden_dim)
    critic = make_hidden_critic(
        shop,
        schema.DiscriminatorConfig(encoders=(encoder,), dense_dim=config.hidden_dim),
        config.optimizer,
        space=FrameSpace(behaviour.dim),
        rests=lambda loss, accuracy: accuracy >= LEARNS_BELOW,
    )
    return ProfessorForcing(behaviour, critic, weight=config.weight, autocast=shop.autocast)


def _make_behaviour(generator: nn.Module, max_length: int) -> Behaviour:
    if isinstance(generator, AutoregressiveFrameGenerator):
        return FrameBehaviour(generator)
    assert isinstance(generator, TokenGenerator)
    return TokenBehaviour(generator, max_length)
