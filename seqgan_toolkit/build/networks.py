"""Generators, their samplers, and discriminators, from a recipe."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from typing import Any

import torch
from torch import nn

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, Encoder, PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.frame_generator import AutoregressiveFrameGenerator, FrameGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.frames import AutoregressiveFrameSampler, FrameSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import FrameSpace, TokenSpace


def make_generator(config: schema.GeneratorConfig, facts: DataFacts, seed: int) -> nn.Module:
    """Build the generator with its first weights, which the seed alone decides."""
    settings = config.model_dump(exclude={"kind"})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "generator"))
        match config:
            case schema.TokenGenerator():
                assert isinstance(facts.space, TokenSpace)
                return TokenGenerator(facts.space, num_labels=facts.num_labels, **settings)
            case schema.FrameGenerator():
                assert isinstance(facts.space, FrameSpace)
                return FrameGenerator(facts.space, num_labels=facts.num_labels, max_length=facts.max_length, **settings)
            case schema.AutoregressiveFrameGenerator():
                assert isinstance(facts.space, FrameSpace)
                return AutoregressiveFrameGenerator(
                    facts.space,
                    num_labels=facts.num_labels,
                    max_length=facts.max_length,
                    fixed_length=facts.fixed_length,
                    **settings,
                )
            case schema.Custom():
                return make_custom(config, facts)
    raise AssertionError(config)


def make_sampler(generator: nn.Module, max_length: int) -> Sampler:
    """Choose the engine that runs a generator freely.

    Raises:
        UserError: a third party's generator that is none of the kinds that the engines know.
    """
    match generator:
        case TokenGenerator():
            return TokenSampler(generator, max_length)
        case FrameGenerator():
            return FrameSampler(generator)
        case AutoregressiveFrameGenerator():
            return AutoregressiveFrameSampler(generator)
    raise UserError(
        f"no sampler knows how to run a {type(generator).__name__}: derive it from TokenGenerator, FrameGenerator or "
        "AutoregressiveFrameGenerator"
    )


def make_discriminator(
    config: schema.DiscriminatorConfig, facts: DataFacts, seed: int, max_shift: int
) -> Discriminator:
    """Build the discriminator with its first weights, which the seed alone decides."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "discriminator"))
        input_dim = Discriminator.input_dim(facts.space, config.embedding_dim)
        encoders = [_make_encoder(encoder, input_dim, facts.max_length + max_shift) for encoder in config.encoders]
        return Discriminator(
            facts.space, encoders, num_labels=facts.num_labels, **config.model_dump(exclude={"encoders"})
        )


def _make_encoder(config: schema.EncoderConfig, input_dim: int, max_length: int) -> Encoder:
    settings = config.model_dump(exclude={"kind"})
    match config:
        case schema.RecurrentEncoder():
            return RecurrentEncoder(input_dim, **settings)
        case schema.ConvolutionalEncoder():
            return ConvolutionalEncoder(input_dim, **settings)
        case schema.PatchEncoder():
            try:
                return PatchEncoder(input_dim, max_length=max_length, **settings)
            except ValueError as error:
                raise UserError(f"discriminator.encoders: {error}; give fewer channels") from error
        case schema.Custom():
            encoder = make_custom(config, input_dim, max_length=max_length)
            if not isinstance(encoder, Encoder):
                raise UserError(
                    f"kind '{config.kind}' is no Encoder: derive it from seqgan_toolkit.models.encoders.Encoder"
                )
            return encoder
    raise AssertionError(config)


def make_custom(config: schema.Custom, about: Any, **known: Any) -> nn.Module:
    """Build a third party's part: `kind: package.module:Class`, looked for in the working directory too.

    Args:
        config: the kind and its `args`.
        about: what it is called with first: the data's facts for a generator, the size of a step for an encoder.
        known: what else is known to the caller; `args` come on top.

    Raises:
        UserError: there is no such module or name, or it does not take these arguments.
    """
    module, name = config.kind.split(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        part = getattr(importlib.import_module(module), name)
        inspect.signature(part).bind(about, **known, **config.args)
    except (ImportError, AttributeError, TypeError) as error:
        raise UserError(f"kind '{config.kind}': {error}") from error
    built: nn.Module = part(about, **known, **config.args)
    return built
