"""Discriminators and their encoders, from a recipe."""

from __future__ import annotations

import torch

from seqgan_toolkit.build.custom import make_custom
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, Encoder, MeanEncoder, PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.label_factors import share_factors
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.random_window import RandomWindow
from seqgan_toolkit.models.spectral_norm import add_spectral_norm
from seqgan_toolkit.models.transformer_encoder import TransformerEncoder
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace


def make_discriminator(
    config: schema.DiscriminatorConfig, facts: DataFacts, seed: int, max_shift: int
) -> Discriminator:
    """Build the discriminator with its first weights, which the seed alone decides."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "discriminator"))
        joined = facts.num_labels and config.label != "projection"
        label_dim = config.label_dim if joined else 0
        input_dim = Discriminator.input_dim(
            facts.space, config.embedding_dim, packing=config.packing, label_dim=label_dim
        )
        planes = facts.space.planes if isinstance(facts.space, FrameSpace) else 1
        encoders = [
            _make_encoder(encoder, input_dim, facts.max_length + max_shift, planes) for encoder in config.encoders
        ]
        as_they_are = {"embedding_dim", "dense_dim", "word_dropout", "group_size", "group_dim", "packing"}
        discriminator = Discriminator(
            facts.space,
            encoders,
            num_labels=facts.num_labels,
            projection=config.label != "concatenation",
            label_dim=label_dim,
            whole=config.scores != "steps",
            per_step=config.scores != "sequence",
            head_weights=[encoder.weight for encoder in config.encoders] if config.heads == "separate" else None,
            **config.model_dump(include=as_they_are),
        )
        share_factors(discriminator, facts.factors)
        if config.spectral_norm:
            add_spectral_norm(discriminator)
        return discriminator


def _make_encoder(config: schema.EncoderConfig, input_dim: int, max_length: int, planes: int) -> Encoder:
    settings = config.model_dump(exclude={"kind", "weight"})
    match config:
        case schema.RecurrentEncoder():
            return RecurrentEncoder(input_dim, **settings)
        case schema.ConvolutionalEncoder():
            return ConvolutionalEncoder(input_dim, **settings)
        case schema.TransformerEncoder():
            return TransformerEncoder(input_dim, **settings)
        case schema.MeanEncoder():
            return MeanEncoder(input_dim, **settings)
        case schema.MultiRepresentationEncoder():
            return MultiRepresentationEncoder(input_dim, **settings)
        case schema.PatchEncoder():
            try:
                return PatchEncoder(input_dim, max_length=max_length, planes=planes, **settings)
            except ValueError as error:
                raise UserError(f"discriminator.encoders: {error}; give fewer channels") from error
        case schema.RandomWindowEncoder():
            if config.steps >= max_length:
                raise UserError(
                    f"discriminator.encoders: a window of {config.steps} steps is the whole of the longest sequence, "
                    f"which has {max_length}: give fewer, or its encoder itself"
                )
            return RandomWindow(_make_encoder(config.encoder, input_dim, config.steps, planes), config.steps)
        case schema.Custom():
            encoder = make_custom(config, input_dim, max_length=max_length)
            if not isinstance(encoder, Encoder):
                raise UserError(
                    f"kind '{config.kind}' is no Encoder: derive it from seqgan_toolkit.models.encoders.Encoder"
                )
            return encoder
    raise AssertionError(config)
