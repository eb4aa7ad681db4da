"""The discriminators that a recipe may name, and their encoders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from seqgan_toolkit.recipe.schema.base import CellKind, Custom, Section, kind_or_custom

Sizes = tuple[Annotated[int, Field(ge=1)], ...]


class RecurrentEncoder(Section):
    """A recurrent network over the steps, of both directions or of one; mean and end states are its features."""

    kind: Literal["recurrent"]
    cell: CellKind = "gru"
    hidden_dim: int = Field(96, ge=1)
    num_layers: int = Field(1, ge=1)
    frames_per_step: int = Field(1, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    bidirectional: bool = True
    """Off, the score of a step (`per_step`) has seen no later step, as rewards for single tokens need it."""


class ConvolutionalEncoder(Section):
    """One-dimensional convolutions over time, one bank for each width; the maximum over time is its feature."""

    kind: Literal["convolutional"]
    widths: Annotated[Sizes, Field(min_length=1)] = (2, 3, 4, 5)
    channels: Annotated[Sizes, BeforeValidator(lambda value: (value,) if isinstance(value, int) else value)] = (64,)
    """One number for all widths, or one for each."""
    leak: float = Field(0.2, ge=0, lt=1)
    """Slope of the activation below zero; 0 is ReLU."""
    highway: bool = False
    """A highway layer on the features, as in SeqGAN."""
    whole_windows: bool = False
    """Windows end within the sequence, as in SeqGAN, which is less work; off, they may reach beyond it and see 0."""
    dropout: float = Field(0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _every_width_has_its_channels(self) -> ConvolutionalEncoder:
        if len(self.channels) not in (1, len(self.widths)):
            raise ValueError(
                f"there are {len(self.channels)} channels for {len(self.widths)} widths: give one, or as many"
            )
        return self


class MultiRepresentationEncoder(Section):
    """RelGAN's: each dimension of a step is a representation that is convolved over time and scored alone.

    There are as many as `discriminator.embedding_dim` says, or a frame has values.
    """

    kind: Literal["multi_representation"]
    widths: Annotated[Sizes, Field(min_length=1)] = (2, 3, 4, 5)
    channels: int = Field(300, ge=1)
    """Channels of each width, shared by all representations."""
    leak: float = Field(0.0, ge=0, lt=1)
    """Slope of the activation below zero; 0 is ReLU."""
    highway: bool = False
    """A highway layer on the features, as RelGAN's code has it; most of the work then is in it."""
    dropout: float = Field(0.25, ge=0, lt=1)


class TransformerEncoder(Section):
    """Self-attention over all steps with sinusoidal positions; the mean over the steps is its feature."""

    kind: Literal["transformer"]
    hidden_dim: int = Field(128, ge=2)
    num_layers: int = Field(2, ge=1)
    num_heads: int = Field(4, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _heads_share_the_step(self) -> TransformerEncoder:
        if self.hidden_dim % self.num_heads:
            raise ValueError(f"hidden_dim {self.hidden_dim} is not a multiple of num_heads {self.num_heads}")
        return self


class PatchEncoder(Section):
    """Two-dimensional strided convolutions over time and frame, for images and spectrograms."""

    kind: Literal["patches"]
    channels: Sizes = (24, 48)
    dense_dim: int = Field(128, ge=1)


_ENCODER_KINDS = ("recurrent", "convolutional", "multi_representation", "transformer", "patches")

EncoderConfig = Annotated[
    Annotated[RecurrentEncoder, Tag("recurrent")]
    | Annotated[ConvolutionalEncoder, Tag("convolutional")]
    | Annotated[MultiRepresentationEncoder, Tag("multi_representation")]
    | Annotated[TransformerEncoder, Tag("transformer")]
    | Annotated[PatchEncoder, Tag("patches")]
    | Annotated[Custom, Tag("custom")],
    kind_or_custom(_ENCODER_KINDS),
]


class DiscriminatorConfig(Section):
    """One or several encoders, and a head on their features that is conditioned on the label by projection."""

    encoders: tuple[EncoderConfig, ...] = Field(min_length=1)
    embedding_dim: int = Field(64, ge=1)
    """Size of the token embedding, for text."""
    dense_dim: int = Field(128, ge=0)
    """Size of the dense layer between the features and the score; 0 leaves it out."""
    spectral_norm: bool = False
    """Divide the weights of linear and convolutional layers, not of recurrent ones, by their largest singular value."""
    word_dropout: float = Field(0.0, ge=0, lt=1)
    """The share of tokens that are blanked at its input while it trains."""
    per_step: bool = False
    """Score every step and not the sequence alone; needs a recurrent encoder."""
    group_size: int = Field(0, ge=0)
    """Sequences in a group of one label for the minibatch standard deviation; 0 leaves the feature out."""
    group_dim: int = Field(32, ge=1)
    """Size of the projection whose standard deviation within a group is appended to the features."""

    @model_validator(mode="after")
    def _steps_need_a_recurrent_encoder(self) -> DiscriminatorConfig:
        if self.per_step and not any(encoder.kind == "recurrent" for encoder in self.encoders):
            raise ValueError("per_step needs an encoder of kind 'recurrent', the only one with a state for every step")
        return self

    @model_validator(mode="after")
    def _representations_stand_alone(self) -> DiscriminatorConfig:
        representations = any(encoder.kind == "multi_representation" for encoder in self.encoders)
        if representations and (len(self.encoders) > 1 or self.group_size):
            raise ValueError(
                "encoders: 'multi_representation' scores each of its representations, so it must be the only encoder, "
                "and group_size 0"
            )
        return self
