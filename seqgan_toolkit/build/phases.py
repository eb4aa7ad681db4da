"""The phases of a run and everything that they share, from a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from seqgan_toolkit.build.cooperative import make_cooperative
from seqgan_toolkit.build.discriminators import make_discriminator
from seqgan_toolkit.build.ensembles import check_members
from seqgan_toolkit.build.estimators import make_estimator
from seqgan_toolkit.build.generators import make_network
from seqgan_toolkit.build.professor import make_professor
from seqgan_toolkit.build.residual import make_residual
from seqgan_toolkit.build.timegan import make_timegan
from seqgan_toolkit.build.vocoder import make_vocoder_training
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.parts import parameters_named, use_draws
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.models.vocoder import Vocoder
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.objectives.matching import make_matching
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.training.adversarial import AdversarialTraining, DiscriminatorPretraining, Game
from seqgan_toolkit.training.assembling import Assembling
from seqgan_toolkit.training.augmentation import Augmentation
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.distortion import Distortion
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.penalty import PenaltySettings
from seqgan_toolkit.training.phase import Phase
from seqgan_toolkit.training.state import TrainingState
from seqgan_toolkit.training.teacher_forcing import (
    FrameTeacher,
    ManagerWorkerTeacher,
    Teacher,
    TeacherForcing,
    TokenTeacher,
)


def make_state(shop: Workshop) -> tuple[TrainingState, MovingAverage]:
    """Build the networks and the phases of a run, at its first step."""
    recipe = shop.recipe
    if isinstance(recipe.generator, schema.Ensemble):
        check_members(recipe.generator, shop.corpus)
    generator = make_network(recipe, shop.facts)
    _fit(generator, recipe.generator, shop.corpus)
    generator.to(shop.device)
    averaged = make_network(recipe, shop.facts).to(shop.device)
    if recipe.init_from is not None:
        _freeze(generator, recipe.init_from.frozen)
    average = MovingAverage(generator, averaged, recipe.ema)
    dropout = shop.draws("generator's dropout")
    use_draws(generator, dropout)
    parts: dict[str, Any] = {"generator": generator, "average": average, "generator_dropout": dropout}
    teacher = _make_teacher(generator, shop)
    phases: list[Phase] = []
    if isinstance(recipe.generator, schema.Ensemble):
        phases.append(Assembling())
    if recipe.teacher_forcing is not None:
        phases.append(_teacher_forcing(shop, recipe.teacher_forcing, generator, average, teacher))
    if recipe.cooperative is not None:
        phases.append(make_cooperative(shop, recipe.cooperative, generator, average))
    if recipe.timegan is not None:
        assert isinstance(generator, TimeGANGenerator)
        phases += make_timegan(shop, recipe.timegan, generator, average)
    if recipe.vocoder is not None:
        assert isinstance(generator, Vocoder)
        phases.append(make_vocoder_training(shop, recipe.vocoder, generator, average))
    if recipe.adversarial is not None:
        phases += _adversarial(shop, recipe.adversarial, generator, average, teacher, parts)
    if recipe.residual is not None:
        phases += make_residual(shop, recipe.residual, average, parts)
    return TrainingState(parts, phases), average


def _fit(generator: torch.nn.Module, config: schema.GeneratorConfig, corpus: Corpus) -> None:
    """Give a generator the statistics of the training split that it starts from."""
    train = corpus.splits["train"]
    drawn = isinstance(config, schema.TokenGenerator) and config.init_std is not None
    if isinstance(generator, TokenGenerator) and not drawn:
        generator.fit_bias(train.token_counts())
    if isinstance(generator, FrameGenerator | TimeGANGenerator):
        labels = None if train.labels is None else torch.from_numpy(train.labels)
        generator.lengths.fit(torch.from_numpy(train.lengths), labels)


def _freeze(generator: torch.nn.Module, prefixes: Sequence[str]) -> None:
    for parameter in parameters_named(generator, prefixes, "init_from.frozen"):
        parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in generator.parameters()):
        raise UserError("init_from.frozen: nothing of the generator is left to train")


def _make_teacher(generator: torch.nn.Module, shop: Workshop) -> Teacher | None:
    mean_length = float(shop.corpus.splits["train"].lengths.mean())
    if isinstance(generator, ManagerWorkerGenerator):
        return ManagerWorkerTeacher(generator, mean_length)
    if isinstance(generator, TokenGenerator):
        return TokenTeacher(generator, mean_length)
    if isinstance(generator, AutoregressiveFrameGenerator):
        forcing = shop.recipe.teacher_forcing
        return FrameTeacher(generator, shop.ranks, forcing.stop_weight if forcing else 0.0)
    return None


def _teacher_forcing(
    shop: Workshop,
    config: schema.TeacherForcing,
    generator: torch.nn.Module,
    average: MovingAverage,
    teacher: Teacher | None,
) -> TeacherForcing:
    if teacher is None:
        raise UserError(f"a {type(generator).__name__} feeds nothing back, so it cannot be teacher-forced")
    return TeacherForcing(
        teacher=teacher,
        generator=generator,
        descent=shop.descent(generator, config.optimizer),
        average=average,
        loader=shop.loader("teacher forcing", config.batch_size, by_length=True),
        draws=shop.draws("noise of teacher forcing"),
        steps=config.steps,
        own_share=config.scheduled_sampling,
        professor=make_professor(shop, config.professor_forcing, generator) if config.professor_forcing else None,
        device=shop.device,
        autocast=shop.autocast,
    )


def _adversarial(
    shop: Workshop,
    config: schema.Adversarial,
    generator: torch.nn.Module,
    average: MovingAverage,
    teacher: Teacher | None,
    parts: dict[str, Any],
) -> list[Phase]:
    game = _make_game(shop, config, generator, parts)
    anchored = bool(config.anchor_weight) and teacher is not None
    adversarial = AdversarialTraining(
        game,
        descent=shop.descent(generator, config.generator_optimizer),
        average=average,
        steps=config.steps,
        discriminator_steps=config.discriminator_steps,
        anchor=teacher if anchored else None,
        anchor_weight=config.anchor_weight,
        anchor_loader=shop.loader("anchor", config.batch_size, by_length=True) if anchored else None,
        ema_ramp=config.ema_ramp,
    )
    if not config.pretraining_steps:
        return [adversarial]
    return [DiscriminatorPretraining(game, average, config.pretraining_steps), adversarial]


def _make_game(shop: Workshop, config: schema.Adversarial, generator: torch.nn.Module, parts: dict[str, Any]) -> Game:
    assert shop.recipe.discriminator is not None
    discriminator = make_discriminator(shop.recipe.discriminator, shop.facts, shop.recipe.seed, config.max_shift)
    discriminator.to(shop.device)
    # It sees real and generated sequences in one batch.
    dropout = shop.draws("discriminator's dropout", blocks=2)
    use_draws(discriminator, dropout)
    parts.update(discriminator=discriminator, discriminator_dropout=dropout)
    critic = Critic(
        discriminator,
        shop.descent(discriminator, config.discriminator_optimizer),
        LOSSES[config.loss],
        PenaltySettings(**config.penalty.model_dump()),
        dropout=dropout,
        draws=shop.draws("critic", blocks=2),
        distortion=_distortion(config, discriminator.padding),
        skip_above=config.skip_above,
        autocast=shop.autocast,
    )
    return Game(
        generator=generator,
        estimator=make_estimator(config.estimator, generator, discriminator, shop.facts, shop.descent),
        critic=critic,
        matching=make_matching(config.feature_matching, config.mmd_matching),
        loader=shop.grouped_loader("adversarial", config.batch_size, shop.recipe.discriminator),
        draws=shop.draws("noise of the game"),
        device=shop.device,
        autocast=shop.autocast,
    )


def _distortion(config: schema.Adversarial, padding: float) -> Distortion:
    wanted = config.augment
    augmentation = None if wanted is None else Augmentation(**wanted.model_dump(), low=padding)
    return Distortion(config.max_shift, augmentation, config.instance_noise)
