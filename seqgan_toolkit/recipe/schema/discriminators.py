"""The discriminators that a recipe may name, and their encoders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from seqgan_toolkit.recipe.schema.base import CellKind, Custom, Section, kind_or_custom


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
    widths: tuple[Annotated[int, Field(ge=1)], ...] = (2, 3, 4, 5)
    channels: int = Field(64, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)


class PatchEncoder(Section):
    """Two-dimensional strided convolutions over time and frame, for images and spectrograms."""

    kind: Literal["patches"]
    channels: tuple[Annotated[int, Field(ge=1)], ...] = (24, 48)
    dense_dim: int = Field(128, ge=1)


_ENCODER_KINDS = ("recurrent", "convolutional", "patches")

EncoderConfig = Annotated[
    Annotated[RecurrentEncoder, Tag("recurrent")]
    | Annotated[ConvolutionalEncoder, Tag("convolutional")]
    | Annotated[PatchEncoder, Tag("patches")]
    | Annotated[Custom, Tag("custom")],
    kind_or_custom(_ENCODER_KINDS),
]


class DiscriminatorConfig(Section):
    """One or several encoders, and a head on their features that is conditioned on the label by projection."""

    encoders: tuple[EncoderConfig, ...] = Field(min_length=1)
    embedding_dim: int = Field(64, ge=1)
    """Size of the token embedding, for text."""
    dense_dim: int = Field(128, ge=1)
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
