"""The phases of a residual model and what they make, from a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from seqgan_toolkit.build.backward import make_backward, make_backward_training
from seqgan_toolkit.build.discriminators import make_discriminator
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.generators import make_sampler
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.metrics.text.partition import LogPartition, log_partition
from seqgan_toolkit.models.energy import ResidualEnergy, Scorer
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.likelihood import LanguageModel, sequence_nats
from seqgan_toolkit.models.likelihood_ratio import LikelihoodRatio
from seqgan_toolkit.models.parts import Dropout, use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.losses import LOSSES, AdversarialLoss, masked_mean
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.residual import ResidualSampler
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.penalty import PenaltySettings
from seqgan_toolkit.training.phase import Phase
from seqgan_toolkit.training.product import Product
from seqgan_toolkit.training.residual import BestEnergy, HeldOut, ResidualTraining

NO_PENALTY = PenaltySettings(gamma=0.0, every=1, backend="exact", sigma=1.0)
"""The best score without a penalty is log p / G; with one it is not."""

MORE_LIKELIHOOD = AdversarialLoss(
    lambda real, fake: -masked_mean(real.scores, real.mask), LOSSES["non_saturating"].generator
)
"""Of a `LikelihoodRatio` whose slope and offset rest: maximum likelihood for what it learns, in the game's place."""

CHUNK = 4096
"""Samples that are held at once where many are made."""


def make_residual(
    shop: Workshop, config: schema.Residual, average: MovingAverage, parts: dict[str, Any]
) -> list[Phase]:
    """Build the phase that corrects the generator as it is when the phase begins, and those of what corrects it.

    Args:
        shop: what every part is made with.
        config: of the phase.
        average: of the generator.
        parts: where networks go that several phases share.

    Raises:
        UserError: the data carry labels, or the discriminator cannot take the generator's embedding.
    """
    if shop.facts.num_labels:
        raise UserError("'residual' has one normaliser for all sequences and takes no labels: leave label_field out")
    valid = shop.corpus.splits["valid"]
    if not len(valid):
        raise UserError("'residual' is calibrated on the validation split, which is empty: raise data.valid_share")
    discriminator = _discriminator(shop.recipe, shop.facts, average.averaged, shop.device)
    table = None if config.embedding == "own" else _embedding_for(discriminator, average.averaged)
    if config.embedding == "frozen" and discriminator.embedding is not None:
        discriminator.embedding.requires_grad_(False)
    loss = LOSSES["non_saturating"]
    if config.backward is not None and config.backward.control and isinstance(discriminator, LikelihoodRatio):
        loss = MORE_LIKELIHOOD
        discriminator.slope.requires_grad_(False)
        discriminator.offset.requires_grad_(False)
    dropout = shop.draws("residual dropout", blocks=2)
    use_draws(discriminator, dropout)
    critic = Critic(
        discriminator,
        shop.descent(discriminator, config.optimizer),
        loss,
        NO_PENALTY,
        dropout=dropout,
        draws=shop.draws("residual critic", blocks=2),
        autocast=shop.autocast,
    )
    sampler = make_sampler(average.averaged, shop.facts.max_length)
    best = BestEnergy(_energy(shop.recipe, shop.facts, average.averaged, shop.device))
    # Every process looks at the same sequences.
    alike = Draws(shop.recipe.seed, "calibration", device=shop.device)
    held_out = HeldOut(valid.head(config.calibration_samples), sampler, alike, config.calibration_samples)
    game = ResidualTraining(
        critic=critic,
        best=best,
        embedding=table,
        sampler=sampler,
        loader=shop.loader("residual", config.batch_size),
        held_out=held_out,
        draws=shop.draws("noise of residual"),
        steps=config.steps,
        calibrate_every=config.calibrate_every,
        device=shop.device,
    )
    if config.backward is None or not isinstance(discriminator, LikelihoodRatio):
        return [game]
    taught, backward = make_backward_training(shop, config.backward, parts)
    product = Product(ratio=discriminator, average=backward, best=best, held_out=held_out, device=shop.device)
    return [taught, product, game]


@dataclass(frozen=True)
class Tilt:
    """What makes a residual model of a generator.

    Attributes:
        energy: tilts the generator's distribution.
        sampler: resamples the generator's proposals.
        num_partition: samples from which the normaliser is estimated.
    """

    energy: ResidualEnergy
    sampler: ResidualSampler
    num_partition: int

    def partition(self, seed: int, strategy: Strategy) -> LogPartition:
        """Bracket the normaliser from samples of the generator, which the seed decides."""
        draws = Draws(seed, "partition", device=self.energy.beta.device)
        chunks = [CHUNK] * (self.num_partition // CHUNK) + [self.num_partition % CHUNK]
        samples = (self.sampler.proposals.sample(None, rows, draws, strategy) for rows in chunks if rows)
        return log_partition(torch.cat([self.energy(batch) for batch in samples]))


def load_tilt(
    recipe: schema.Recipe,
    facts: DataFacts,
    state: dict[str, Any],
    generator: torch.nn.Module,
    proposals: Sampler,
    device: torch.device,
) -> Tilt:
    """Rebuild the tilt from what the phase kept as its best.

    Args:
        recipe: the recipe of the run.
        facts: of its data.
        state: of `BestEnergy`.
        generator: whose distribution is tilted.
        proposals: runs it.
        device: where it runs.
    """
    assert recipe.residual is not None
    best = BestEnergy(_energy(recipe, facts, generator, device))
    best.load_state_dict(state)
    sampler = ResidualSampler(proposals, best.energy, recipe.residual.num_proposals)
    return Tilt(best.energy, sampler, recipe.residual.partition_samples)


def _energy(
    recipe: schema.Recipe, facts: DataFacts, generator: torch.nn.Module, device: torch.device
) -> ResidualEnergy:
    return ResidualEnergy(_discriminator(recipe, facts, generator, device)).to(device)


def _discriminator(recipe: schema.Recipe, facts: DataFacts, generator: torch.nn.Module, device: torch.device) -> Scorer:
    assert recipe.residual is not None
    if recipe.residual.backward is None:
        assert recipe.discriminator is not None
        return make_discriminator(recipe.discriminator, facts, recipe.seed, max_shift=0).to(device)
    assert isinstance(generator, LanguageModel)
    backward = make_backward(recipe, facts)
    for module in backward.modules():
        if isinstance(module, Dropout):
            module.share = min(module.share, recipe.residual.backward.game_dropout)
    draws = Draws(recipe.seed, "noise of a likelihood ratio", device=device)
    nats = partial(sequence_nats, generator, draws=draws)
    return LikelihoodRatio(backward, nats, draws).to(device)


def _embedding_for(discriminator: Scorer, generator: torch.nn.Module) -> torch.Tensor:
    first = generator.generators[0] if isinstance(generator, EnsembleGenerator) else generator
    if not isinstance(first, TokenGenerator) or discriminator.embedding is None:
        raise UserError("residual.embedding: this generator has no token embedding to give: use 'own'")
    table, wanted = first.embedding.weight, discriminator.embedding.weight.shape
    if table.shape != wanted:
        raise UserError(
            f"residual.embedding: the generator's embedding has {table.shape[1]} dimensions: set "
            f"discriminator.embedding_dim to that (it is {wanted[1]}), or residual.embedding to 'own'"
        )
    return table
