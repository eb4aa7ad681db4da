"""The generators that a recipe may name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from seqgan_toolkit.recipe.schema.base import NUM_HEADS, CellKind, Custom, FrameCell, Section, TokenCell, kind_or_custom


class TokenGenerator(Section):
    """A language model with noise and a softmax head."""

    kind: Literal["tokens"]
    cell: TokenCell = "lstm"
    embedding_dim: int = Field(64, ge=1)
    hidden_dim: int = Field(256, ge=1)
    """Size of the cell's state; of a slot of it, for `rmc`."""
    num_layers: int = Field(1, ge=1)
    num_heads: int | None = Field(None, ge=1)
    """Heads of the attention of `rmc` and `transformer`; 2 when null."""
    num_slots: int | None = Field(None, ge=1)
    """Slots of the memory of `rmc`; 1 when null."""
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
    init_std: float | None = Field(None, gt=0)
    """Every parameter starts at N(0, init_std^2), as SeqGAN's do; null takes each part's usual start, and the frequency
    of the tokens for the output's bias."""

    @model_validator(mode="after")
    def _cell_fits(self) -> TokenGenerator:
        attends = self.cell in ("rmc", "transformer")
        if self.num_heads is not None and not attends:
            raise ValueError(f"num_heads is for the cells rmc and transformer: leave it out for '{self.cell}'")
        if self.num_slots is not None and self.cell != "rmc":
            raise ValueError(f"num_slots is for the cell rmc: leave it out for '{self.cell}'")
        if self.num_layers > 1 and self.cell == "rmc":
            raise ValueError("num_layers must be 1 for the cell 'rmc': give it a larger hidden_dim or more num_slots")
        heads = self.num_heads or NUM_HEADS
        if attends and self.hidden_dim % heads:
            raise ValueError(f"hidden_dim {self.hidden_dim} is not a multiple of num_heads {heads}")
        return self


class LeakedFeatures(Section):
    """The discriminator's recurrent encoder of one direction, whose features of the prefix the generator reads."""

    cell: CellKind = "gru"
    embedding_dim: int = Field(64, ge=1)
    """That of the discriminator."""
    hidden_dim: int = Field(96, ge=1)
    """Size of its state, of the features and of the goals."""


class ManagerWorkerGenerator(Section):
    """LeakGAN's: a manager sets goals from the features that the discriminator leaks, and a worker pursues them."""

    kind: Literal["manager_worker"]
    cell: CellKind = "lstm"
    """Of the manager and of the worker."""
    embedding_dim: int = Field(64, ge=1)
    hidden_dim: int = Field(128, ge=1)
    """Size of the worker's state."""
    manager_dim: int = Field(128, ge=1)
    """Size of the manager's state."""
    action_dim: int = Field(16, ge=1)
    """Size k of the projected goals; the head has a weight for each token, number of the worker's state and k."""
    horizon: int = Field(4, ge=1)
    """Steps c within which a goal should be reached."""
    features: LeakedFeatures = LeakedFeatures()
    noise_dim: int = Field(0, ge=0)
    """Size of the noise that is drawn once for a sequence; 0 leaves it out."""
    label_dim: int = Field(16, ge=1)
    """Size of the label's embedding, where the data carry labels."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """On the worker's input and output, while teacher forcing."""


class FrameGenerator(Section):
    """Noise in, a whole sequence out in one fused call: no frame is fed back, the length is drawn first."""

    kind: Literal["frames"]
    cell: FrameCell = "lstm"
    hidden_dim: int = Field(192, ge=1)
    num_layers: int = Field(1, ge=1)
    noise_dim: int = Field(64, ge=0)
    """Size of the noise that is drawn once for a sequence; 0 leaves it out, and the first state is zero then."""
    step_noise_dim: int = Field(8, ge=0)
    """Size of the noise that is drawn at every step; 0 leaves it out."""
    label_dim: int = Field(32, ge=1)
    context_dim: int = Field(64, ge=1)
    """Size of the projection of noise and label that enters every step."""
    position_dim: int = Field(16, ge=0)
    """Size of the embedding of a step's position; 0 leaves out all that tells a step where it stands."""
    head_dim: int = Field(192, ge=0)
    """Size of the hidden layer that makes a frame of the cell's output; 0 leaves it out."""
    frames_per_step: int = Field(1, ge=1)
    """Frames that one step of the cell makes (DoppelGANger's S): as many times fewer recurrent steps."""
    interpolated: bool = False
    """Where frames_per_step is above 1: make each frame from the state at its own time, interpolated between the states
    of two steps, in place of all frames of a step at once, whose pattern repeats with every step."""
    frame_noise_dim: int = Field(0, ge=0)
    """Size of the noise that is drawn for every frame, for interpolated states; 0 leaves it out."""
    postnet_dim: int = Field(0, ge=0)
    """Channels of the convolutional postnet over time; 0 leaves it out."""
    reach: float = Field(1.0, ge=1)
    """The range of the tanh; above 1 the frames reach the ends of the space exactly."""
    constant_dim: int = Field(0, ge=0)
    """Size of the two hidden layers of a network of its own for what no sequence changes from step to step (levels,
    static attributes), which every step reads, as in DoppelGANger; 0 takes the mean of what the steps say."""

    @model_validator(mode="after")
    def _something_is_drawn(self) -> FrameGenerator:
        if not self.noise_dim and not self.step_noise_dim:
            raise ValueError("noise_dim and step_noise_dim are both 0, so that all sequences would be one: raise one")
        return self

    @model_validator(mode="after")
    def _states_can_be_interpolated(self) -> FrameGenerator:
        if self.interpolated and self.frames_per_step == 1:
            raise ValueError(
                "interpolated: with one frame a step there is nothing between steps: raise frames_per_step"
            )
        if self.frame_noise_dim and not self.interpolated:
            raise ValueError("frame_noise_dim is for interpolated states: give interpolated: true, or step_noise_dim")
        return self

    @model_validator(mode="after")
    def _constants_are_drawn(self) -> FrameGenerator:
        if self.constant_dim and not self.noise_dim:
            raise ValueError("constant_dim makes constant values from the noise of a sequence: raise noise_dim")
        return self


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


class TimeGANGenerator(Section):
    """TimeGAN's: embedder, recovery, generator and supervisor, one recurrent network each, with latents between."""

    kind: Literal["timegan"]
    cell: FrameCell = "gru"
    hidden_dim: int = Field(24, ge=1)
    """Size of the cells' states and of a latent."""
    num_layers: int = Field(3, ge=1)
    """Layers of each network; the supervisor has one less."""
    noise_dim: int | None = Field(None, ge=1)
    """Size of the noise that is drawn at every step; that of a frame when null."""
    label_dim: int = Field(16, ge=1)
    """Size of the label's embedding, which every step of every network reads, where the data carry labels."""


class Vocoder(Section):
    """A neural decoder: frames of audio to samples. It generates copies of held-out clips (Vocos, Siuzdak 2023)."""

    kind: Literal["vocoder"]
    hidden_dim: int = Field(128, ge=1)
    """Channels."""
    num_layers: int = Field(4, ge=1)
    """Blocks of a convolution over 7 frames and a layer of each frame alone."""


class Ensemble(Section):
    """The average of generators of text that other runs have trained; nothing of it is trained any more."""

    kind: Literal["ensemble"]
    runs: tuple[str, ...] = Field(min_length=1)
    """Their run directories, which must stay where they are; all on the same data."""
    phase: Literal["teacher_forcing", "cooperative", "adversarial"] = "teacher_forcing"
    """The members are the models at the end of this phase."""
    average: Literal["logits", "probabilities"] = "probabilities"
    """What is averaged at every step: `probabilities` is a mixture, `logits` a geometric mean."""
    sharpness: float = Field(1.0, gt=0)
    """Multiplies the averaged logits: an inverse temperature."""


TOKEN_GENERATOR_KINDS = ("tokens", "manager_worker", "ensemble")
GENERATOR_KINDS = (*TOKEN_GENERATOR_KINDS, "frames", "frames_autoregressive", "timegan", "vocoder")


GeneratorConfig = Annotated[
    Annotated[TokenGenerator, Tag("tokens")]
    | Annotated[ManagerWorkerGenerator, Tag("manager_worker")]
    | Annotated[Ensemble, Tag("ensemble")]
    | Annotated[FrameGenerator, Tag("frames")]
    | Annotated[AutoregressiveFrameGenerator, Tag("frames_autoregressive")]
    | Annotated[TimeGANGenerator, Tag("timegan")]
    | Annotated[Vocoder, Tag("vocoder")]
    | Annotated[Custom, Tag("custom")],
    kind_or_custom(GENERATOR_KINDS),
]
