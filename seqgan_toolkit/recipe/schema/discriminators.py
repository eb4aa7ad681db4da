"""The discriminators that a recipe may name, and their encoders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from seqgan_toolkit.recipe.schema.base import CellKind, Custom, Section, kind_or_custom

Sizes = tuple[Annotated[int, Field(ge=1)], ...]


class EncoderSection(Section):
    """What all encoders share."""

    weight: float = Field(1.0, gt=0)
    """Of its score beside those of the others, where `heads` are separate."""


class CustomEncoder(Custom, EncoderSection):
    """A third party's encoder: `kind: package.module:Class`, built with `args`."""


class RecurrentEncoder(EncoderSection):
    """A recurrent network over the steps, of both directions or of one; mean and end states are its features."""

    kind: Literal["recurrent"]
    cell: CellKind = "gru"
    hidden_dim: int = Field(96, ge=1)
    num_layers: int = Field(1, ge=1)
    frames_per_step: int = Field(1, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    bidirectional: bool = True
    """Off, the score of a step (`scores`) has seen no later step, as rewards for single tokens need it."""


class ConvolutionalEncoder(EncoderSection):
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


class MultiRepresentationEncoder(EncoderSection):
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


class TransformerEncoder(EncoderSection):
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


class PatchEncoder(EncoderSection):
    """Two-dimensional strided convolutions over time and frame, for images and spectrograms."""

    kind: Literal["patches"]
    channels: Sizes = (24, 48)
    dense_dim: int = Field(128, ge=1)


class MeanEncoder(EncoderSection):
    """Dense layers on the mean frames of a few parts: where a sequence stands, and how it moves slowly."""

    kind: Literal["mean"]
    num_parts: int = Field(1, ge=1)
    """Parts of a sequence, all of one size; with 1 it is blind to movement, as DoppelGANger's auxiliary one is."""
    hidden_dim: int = Field(128, ge=1)
    num_layers: int = Field(2, ge=1)


_WINDOWED_KINDS = ("recurrent", "convolutional", "transformer", "patches")
_ENCODER_KINDS = (*_WINDOWED_KINDS, "mean", "multi_representation", "random_window")


class RandomWindowEncoder(EncoderSection):
    """Another encoder over a window of steps that is drawn anew for each sequence; it judges short parts (GAN-TTS)."""

    kind: Literal["random_window"]
    steps: int = Field(ge=1)
    """Steps in a window, fewer than the longest sequence has."""
    encoder: Annotated[
        Annotated[RecurrentEncoder, Tag("recurrent")]
        | Annotated[ConvolutionalEncoder, Tag("convolutional")]
        | Annotated[TransformerEncoder, Tag("transformer")]
        | Annotated[PatchEncoder, Tag("patches")]
        | Annotated[CustomEncoder, Tag("custom")],
        kind_or_custom(_WINDOWED_KINDS),
    ]
    """The network over the window."""

    @model_validator(mode="after")
    def _the_weight_stands_outside(self) -> RandomWindowEncoder:
        if self.encoder.weight != 1:
            raise ValueError("encoder.weight: the score's weight stands beside 'kind: random_window'")
        return self


EncoderConfig = Annotated[
    Annotated[RecurrentEncoder, Tag("recurrent")]
    | Annotated[ConvolutionalEncoder, Tag("convolutional")]
    | Annotated[MultiRepresentationEncoder, Tag("multi_representation")]
    | Annotated[TransformerEncoder, Tag("transformer")]
    | Annotated[PatchEncoder, Tag("patches")]
    | Annotated[MeanEncoder, Tag("mean")]
    | Annotated[RandomWindowEncoder, Tag("random_window")]
    | Annotated[CustomEncoder, Tag("custom")],
    kind_or_custom(_ENCODER_KINDS),
]


class DiscriminatorConfig(Section):
    """One or several encoders, and one head or several that score their features for the label."""

    encoders: tuple[EncoderConfig, ...] = Field(min_length=1)
    heads: Literal["joined", "separate"] = "joined"
    """`joined` scores the features of all encoders together; `separate` gives each a score of its own, with its
    `weight` in every loss and penalty."""
    scores: Literal["sequence", "steps", "both"] = "sequence"
    """Score the sequence as a whole, every step from the states of the first recurrent encoder, or both."""
    label: Literal["projection", "concatenation", "both"] = "projection"
    """How the label enters: the scores project on it, its embedding is joined to every step, or both."""
    label_dim: int = Field(32, ge=1)
    """Size of the label's embedding where it is joined to every step."""
    embedding_dim: int = Field(64, ge=1)
    """Size of the token embedding, for text."""
    dense_dim: int = Field(128, ge=0)
    """Size of the dense layer between the features and the sequence's score; 0 leaves it out."""
    spectral_norm: bool = False
    """Divide the weights of linear and convolutional layers, not of recurrent ones, by their largest singular value."""
    word_dropout: float = Field(0.0, ge=0, lt=1)
    """The share of tokens that are blanked at its input while it trains."""
    group_size: int = Field(0, ge=0)
    """Sequences in a group for the minibatch standard deviation; 0 leaves the feature out."""
    group_labels: Literal["same", "mixed"] = "same"
    """Whether the sequences of a group share one label. `mixed` takes the batch as it comes, so that a `group_size` of
    `batch_size` is the standard deviation of the whole batch."""
    group_dim: int = Field(32, ge=1)
    """Size of the projection whose standard deviation within a group is joined to the features."""
    packing: int = Field(1, ge=1)
    """Sequences of one label that are judged together, frame beside frame, with one score (PacGAN); for frames."""

    @property
    def neighbours(self) -> int:
        """How many neighbours of one label a batch is made of."""
        return max(self.group_size, self.packing)

    @property
    def scores_alone(self) -> bool:
        """Whether a sequence has one score, which neither chance nor its neighbours change."""
        windows = any(encoder.kind == "random_window" for encoder in self.encoders)
        return self.scores == "sequence" and self.heads == "joined" and not self.group_size and not windows

    @model_validator(mode="after")
    def _heads_fit(self) -> DiscriminatorConfig:
        weighted = any(encoder.weight != 1 for encoder in self.encoders)
        if self.heads == "joined" and weighted:
            raise ValueError("encoders: a weight is for a score of its own: give heads: separate, or leave weights out")
        if self.heads == "separate" and self.scores != "sequence":
            raise ValueError("heads 'separate' score whole sequences: give scores: sequence, or heads: joined")
        return self

    @model_validator(mode="after")
    def _steps_need_a_recurrent_encoder(self) -> DiscriminatorConfig:
        if self.scores == "sequence":
            return self
        if not any(encoder.kind == "recurrent" for encoder in self.encoders):
            raise ValueError(
                f"scores '{self.scores}' needs an encoder of kind 'recurrent', the only one with a state for every step"
            )
        if self.scores == "steps" and (len(self.encoders) > 1 or self.group_size):
            raise ValueError(
                "scores 'steps' reads the states of one recurrent encoder alone: leave the other encoders out and "
                "group_size at 0, or give scores: both"
            )
        return self

    @model_validator(mode="after")
    def _groups_are_of_packs(self) -> DiscriminatorConfig:
        if self.packing == 1:
            return self
        if self.group_labels == "mixed":
            raise ValueError("packing joins sequences of one label: give group_labels: same")
        if self.group_size % self.packing or self.group_size == self.packing:
            raise ValueError(
                f"group_size {self.group_size} must hold several packs of {self.packing}: give a multiple of packing "
                f"from {2 * self.packing} on, or 0"
            )
        return self

    @model_validator(mode="after")
    def _representations_stand_alone(self) -> DiscriminatorConfig:
        representations = any(encoder.kind == "multi_representation" for encoder in self.encoders)
        if representations and (len(self.encoders) > 1 or self.group_size or self.label != "projection"):
            raise ValueError(
                "encoders: 'multi_representation' scores each of its representations, so it must be the only encoder, "
                "group_size 0 and label 'projection'"
            )
        return self
