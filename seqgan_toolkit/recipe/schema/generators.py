"""The generators that a recipe may name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from seqgan_toolkit.recipe.schema.base import Custom, FrameCell, Section, TokenCell, kind_or_custom


class TokenGenerator(Section):
    """A language model with noise and a softmax head."""

    kind: Literal["tokens"]
    cell: TokenCell = "lstm"
    embedding_dim: int = Field(64, ge=1)
    hidden_dim: int = Field(256, ge=1)
    num_layers: int = Field(1, ge=1)
    noise_dim: int = Field(0, ge=0)
    """Size of the noise that is drawn once for a sequence; 0 leaves it out."""
    step_noise_dim: int = Field(0, ge=0)
    """Size of the noise that is drawn at every step; 0 leaves it out."""
    label_dim: int = Field(16, ge=1)
    """Size of the label's embedding, where the data carry labels."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """On the cell's input and output, while teacher forcing."""
    input_dropout: float | None = Field(None, ge=0, lt=1)
    """On the cell's input, where it is another than on its output."""
    tied_embeddings: bool = False
    """The head's weights are the embedding's; where `hidden_dim` is not `embedding_dim`, a layer goes between."""


class FrameGenerator(Section):
    """Noise in, a whole sequence out in one fused call: no frame is fed back, the length is drawn first."""

    kind: Literal["frames"]
    cell: FrameCell = "lstm"
    hidden_dim: int = Field(192, ge=1)
    num_layers: int = Field(1, ge=1)
    noise_dim: int = Field(64, ge=1)
    step_noise_dim: int = Field(8, ge=0)
    label_dim: int = Field(32, ge=1)
    context_dim: int = Field(64, ge=1)
    """Size of the projection of noise and label that enters every step."""
    position_dim: int = Field(16, ge=1)
    head_dim: int = Field(192, ge=1)
    frames_per_step: int = Field(1, ge=1)
    postnet_dim: int = Field(0, ge=0)
    """Channels of the convolutional postnet over time; 0 leaves it out."""
    reach: float = Field(1.0, ge=1)
    """The range of the tanh; above 1 the frames reach the ends of the space exactly."""


class AutoregressiveFrameGenerator(Section):
    """Every frame is made from the last one, with a stop probability: teacher forcing comes first."""

    kind: Literal["frames_autoregressive"]
    cell: FrameCell = "lstm"
    hidden_dim: int = Field(192, ge=1)
    num_layers: int = Field(1, ge=1)
    noise_dim: int = Field(64, ge=1)
    step_noise_dim: int = Field(8, ge=0)
    label_dim: int = Field(32, ge=1)
    prenet_dim: int = Field(128, ge=1)
    prenet_dropout: float = Field(0.5, ge=0, lt=1)
    frames_per_step: int = Field(1, ge=1)


GENERATOR_KINDS = ("tokens", "frames", "frames_autoregressive")


GeneratorConfig = Annotated[
    Annotated[TokenGenerator, Tag("tokens")]
    | Annotated[FrameGenerator, Tag("frames")]
    | Annotated[AutoregressiveFrameGenerator, Tag("frames_autoregressive")]
    | Annotated[Custom, Tag("custom")],
    kind_or_custom(GENERATOR_KINDS),
]
