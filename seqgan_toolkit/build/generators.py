"""Generators and the engines that run them freely, from a recipe."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.build.custom import make_custom
from seqgan_toolkit.build.ensembles import make_ensemble
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.timegan import make_timegan_generator
from seqgan_toolkit.build.vocoder import make_vocoder
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.backward import BackwardGenerator
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.models.label_factors import share_factors
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.parts import draw_parameters
from seqgan_toolkit.models.prefix_features import PrefixFeatures
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sampling.backward import BackwardSampler
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.beam import BeamSampler
from seqgan_toolkit.sampling.duration import DurationSampler
from seqgan_toolkit.sampling.ensemble import EnsembleSampler
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler, FrameSampler
from seqgan_toolkit.sampling.interpolation import InterpolationSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import FrameSpace, TokenSpace


def make_network(recipe: schema.Recipe, facts: DataFacts) -> nn.Module:
    """Build what a recipe trains, its generator, with its first weights."""
    if isinstance(recipe.generator, schema.Vocoder):
        return make_vocoder(recipe.generator, recipe.data, facts.space, recipe.seed)
    return make_generator(recipe.generator, facts, recipe.seed)


def make_generator(config: schema.GeneratorConfig, facts: DataFacts, seed: int) -> nn.Module:
    """Build the generator with its first weights, which the seed alone decides."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "generator"))
        generator = _make_generator(config, facts)
        share_factors(generator, facts.factors)
        return generator


def _make_generator(config: schema.GeneratorConfig, facts: DataFacts) -> nn.Module:
    match config:
        case schema.TokenGenerator():
            assert isinstance(facts.space, TokenSpace)
            generator = TokenGenerator(facts.space, num_labels=facts.num_labels, **_settings(config))
            if config.init_std is not None:
                draw_parameters(generator, config.init_std)
            return generator
        case schema.ManagerWorkerGenerator():
            return _manager_worker(config, facts)
        case schema.Ensemble():
            return make_ensemble(config, make_generator)
        case schema.FrameGenerator():
            assert isinstance(facts.space, FrameSpace)
            return FrameGenerator(
                facts.space, num_labels=facts.num_labels, max_length=facts.max_length, **_settings(config)
            )
        case schema.AutoregressiveFrameGenerator():
            assert isinstance(facts.space, FrameSpace)
            return AutoregressiveFrameGenerator(
                facts.space,
                num_labels=facts.num_labels,
                max_length=facts.max_length,
                fixed_length=facts.fixed_length,
                **_settings(config),
            )
        case schema.TimeGANGenerator():
            return make_timegan_generator(config, facts)
        case schema.Custom():
            return make_custom(config, facts)
    raise AssertionError(config)


def _manager_worker(config: schema.ManagerWorkerGenerator, facts: DataFacts) -> ManagerWorkerGenerator:
    assert isinstance(facts.space, TokenSpace)
    return ManagerWorkerGenerator(
        facts.space,
        features=PrefixFeatures(facts.space.size, **config.features.model_dump()),
        worker=cell_maker(config.cell, hidden_dim=config.hidden_dim),
        manager=cell_maker(config.cell, hidden_dim=config.manager_dim),
        num_labels=facts.num_labels,
        **config.model_dump(exclude={"kind", "cell", "hidden_dim", "manager_dim", "features"}),
    )


def _settings(
    config: schema.TokenGenerator | schema.FrameGenerator | schema.AutoregressiveFrameGenerator,
) -> dict[str, Any]:
    """Return what a constructor takes: the settings of the section, with those of the cell made into one."""
    about_cell = {"cell", "hidden_dim", "num_layers", "num_heads", "num_slots"} & type(config).model_fields.keys()
    cell = config.model_dump(include=about_cell)
    return {
        "cell": cell_maker(cell.pop("cell"), **cell),
        **config.model_dump(exclude={"kind", "init_std", *about_cell}),
    }


def make_sampler(generator: nn.Module, max_length: int) -> Sampler:
    """Choose the engine that runs a generator freely.

    Raises:
        UserError: a third party's generator that is none of the kinds that the engines know.
    """
    match generator:
        case TokenGenerator():
            return TokenSampler(generator, max_length)
        case EnsembleGenerator():
            return EnsembleSampler(generator, max_length)
        case BackwardGenerator():
            return BackwardSampler(generator, max_length)
        case FrameGenerator() | TimeGANGenerator():
            return FrameSampler(generator)
        case AutoregressiveFrameGenerator():
            return AutoregressiveFrameSampler(generator)
    raise UserError(
        f"no sampler knows how to run a {type(generator).__name__}: derive it from TokenGenerator, FrameGenerator or "
        "AutoregressiveFrameGenerator"
    )


def make_beam(generator: nn.Module, max_length: int, beam: int) -> BeamSampler:
    """Make the search for the most likely sequences of a generator.

    Raises:
        UserError: it makes frames, is an ensemble, or reads from the end.
    """
    if not isinstance(generator, TokenGenerator):
        kinds = {EnsembleGenerator: "is an ensemble", BackwardGenerator: "reads from the end"}
        makes = kinds.get(type(generator), "makes frames")
        raise UserError(f"--beam searches among the tokens of one generator, and this model {makes}: leave it out")
    return BeamSampler(generator, max_length, beam)


def make_duration(generator: nn.Module, length: int) -> DurationSampler:
    """Make what runs a generator of frames for `length` frames.

    Raises:
        UserError: it makes tokens, or its length is not a matter of choice.
    """
    if not isinstance(generator, FrameGenerator | AutoregressiveFrameGenerator):
        raise UserError(
            "--seconds gives a length to a generator of kind 'frames' or 'frames_autoregressive', and this model is "
            "neither: leave it out"
        )
    return DurationSampler(generator, length)


def make_interpolation(generator: nn.Module, length: int) -> InterpolationSampler:
    """Make what interpolates between two noises of a generator, in strips of `length` sequences.

    Raises:
        UserError: it is no generator of whole frame sequences, or its sequences have no noise of their own.
    """
    if not isinstance(generator, FrameGenerator) or not generator.context.noise_dim:
        raise UserError(
            "--interpolate goes from one noise of a sequence to another, which a generator of kind 'frames' with a "
            "noise_dim above 0 has, and this model has not: leave it out"
        )
    return InterpolationSampler(generator, length)
