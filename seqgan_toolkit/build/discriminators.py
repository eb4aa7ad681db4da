"""Discriminators and their encoders, from a recipe."""

from __future__ import annotations

import torch

from seqgan_toolkit.build.custom import make_custom
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, Encoder, PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.spectral_norm import add_spectral_norm
from seqgan_toolkit.models.transformer_encoder import TransformerEncoder
from seqgan_toolkit.recipe import schema


def make_discriminator(
    config: schema.DiscriminatorConfig, facts: DataFacts, seed: int, max_shift: int
) -> Discriminator:
    """Build the discriminator with its first weights, which the seed alone decides."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "discriminator"))
        input_dim = Discriminator.input_dim(facts.space, config.embedding_dim)
        encoders = [_make_encoder(encoder, input_dim, facts.max_length + max_shift) for encoder in config.encoders]
        settings = config.model_dump(exclude={"encoders", "spectral_norm"})
        discriminator = Discriminator(facts.space, encoders, num_labels=facts.num_labels, **settings)
        if config.spectral_norm:
            add_spectral_norm(discriminator)
        return discriminator


def _make_encoder(config: schema.EncoderConfig, input_dim: int, max_length: int) -> Encoder:
    settings = config.model_dump(exclude={"kind"})
    match config:
        case schema.RecurrentEncoder():
            return RecurrentEncoder(input_dim, **settings)
        case schema.ConvolutionalEncoder():
            return ConvolutionalEncoder(input_dim, **settings)
        case schema.TransformerEncoder():
            return TransformerEncoder(input_dim, **settings)
        case schema.MultiRepresentationEncoder():
            return MultiRepresentationEncoder(input_dim, **settings)
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
