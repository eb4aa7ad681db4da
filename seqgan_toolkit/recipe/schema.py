"""What a recipe may say: frozen models, unknown keys forbidden, every field with its meaning and unit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from seqgan_toolkit.recipe.checks import check_mel_settings

CellKind = Literal["rnn", "lstm", "gru"]
Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


# ---------------------------------------------------------------------------------------------- data


class TextData(Section):
    """Sentences, one a line."""

    kind: Literal["text"]
    source: str
    """`grammar`, `coco_captions`, `emnlp_news`, or the path of a .txt, .gz or .jsonl file."""
    field: str = "text"
    """The field of a .jsonl file that holds the sentence."""
    label_field: str | None = None
    """The field of a .jsonl file that holds the label."""
    num_sentences: int = Field(20_000, ge=10)
    """Training sentences drawn from a built-in source."""
    tokenizer: Literal["word", "character", "unigram", "bpe"] = "word"
    vocabulary_size: int = Field(10_000, ge=6)
    """The most token types; rarer words become the unknown token."""
    lowercase: bool = False
    max_length: int = Field(40, ge=2)
    """Longer sentences are cut to this many tokens (counted and reported)."""
    valid_share: Share = 0.05
    test_share: Share = 0.1


class AudioData(Section):
    """Audio clips, as log-mel frames."""

    kind: Literal["audio"]
    source: str
    """`plucks`, `fsdd`, or a folder of wav, flac, ogg or mp3 files."""
    num_clips: int = Field(2000, ge=10)
    """Training clips drawn from a built-in source."""
    sample_rate: int = Field(8000, ge=1000)
    """Hz; files of other rates are resampled."""
    n_fft: int = Field(256, ge=16)
    """Samples in a window."""
    hop: int = Field(64, ge=1)
    """Samples between windows."""
    num_mels: int = Field(64, ge=4)
    low_hz: float = Field(0.0, ge=0)
    high_hz: float | None = Field(None, gt=0)
    """The upper end of the mel scale; half the sample rate when null."""
    max_seconds: float = Field(1.0, gt=0)
    """Longer clips are cut (counted and reported)."""
    range_db: float = Field(80.0, ge=20)
    """What lies further below the loudest value of the training clips is the floor: silence."""
    trim_db: float | None = Field(40.0, gt=0)
    """Silence this far below the peak is trimmed from both ends; null keeps it."""
    label: str = "folder"
    """`folder`, `none`, or a regular expression on the file's name with a group `label`."""
    skip_bad: bool = False
    """Leave out files that cannot be read (named and counted) where they would end the command."""
    valid_share: Share = 0.05
    test_share: Share = 0.1

    @model_validator(mode="after")
    def _mel_settings_fit(self) -> AudioData:
        check_mel_settings(
            sample_rate=self.sample_rate,
            n_fft=self.n_fft,
            hop=self.hop,
            num_mels=self.num_mels,
            low_hz=self.low_hz,
            high_hz=self.high_hz,
        )
        return self


class RowsData(Section):
    """Images, read row by row."""

    kind: Literal["rows"]
    source: str
    """`digits`, `mnist`, an idx(.gz) file or folder, a folder of images, or an npy/npz file."""
    label: str = "folder"
    """For a folder of images: `folder` or `none`."""
    valid_share: Share = 0.05
    test_share: Share = 0.1


DataConfig = Annotated[TextData | AudioData | RowsData, Field(discriminator="kind")]

# -------------------------------------------------------------------------------------------- models


class Custom(Section):
    """A third party's part: `kind: package.module:Class`, built with `args`."""

    kind: str = Field(pattern=r"^[\w.]+:\w+$")
    args: dict[str, Any] = {}


class TokenGenerator(Section):
    """A recurrent language model with noise and a softmax head."""

    kind: Literal["tokens"]
    cell: CellKind = "lstm"
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


class FrameGenerator(Section):
    """Noise in, a whole sequence out in one fused call: no frame is fed back, the length is drawn first."""

    kind: Literal["frames"]
    cell: CellKind = "lstm"
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
    cell: CellKind = "lstm"
    hidden_dim: int = Field(192, ge=1)
    num_layers: int = Field(1, ge=1)
    noise_dim: int = Field(64, ge=1)
    step_noise_dim: int = Field(8, ge=0)
    label_dim: int = Field(32, ge=1)
    prenet_dim: int = Field(128, ge=1)
    prenet_dropout: float = Field(0.5, ge=0, lt=1)
    frames_per_step: int = Field(1, ge=1)


_GENERATOR_KINDS = ("tokens", "frames", "frames_autoregressive")


def _kind_or_custom(kinds: tuple[str, ...]) -> Discriminator:
    def choose(value: Any) -> str | None:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return "custom" if isinstance(kind, str) and ":" in kind else kind

    return Discriminator(choose, custom_error_type="unknown_kind", custom_error_message=f"kind is none of {kinds}")


GeneratorConfig = Annotated[
    Annotated[TokenGenerator, Tag("tokens")]
    | Annotated[FrameGenerator, Tag("frames")]
    | Annotated[AutoregressiveFrameGenerator, Tag("frames_autoregressive")]
    | Annotated[Custom, Tag("custom")],
    _kind_or_custom(_GENERATOR_KINDS),
]


class RecurrentEncoder(Section):
    """A bidirectional recurrent network over the steps; mean and end states are its features."""

    kind: Literal["recurrent"]
    cell: CellKind = "gru"
    hidden_dim: int = Field(96, ge=1)
    num_layers: int = Field(1, ge=1)
    frames_per_step: int = Field(1, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)


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
    _kind_or_custom(_ENCODER_KINDS),
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


# ------------------------------------------------------------------------------------------ training


class Optimizer(Section):
    """Adam with decoupled weight decay, and a learning rate that is constant and then falls in a line."""

    lr: float = Field(1e-3, gt=0)
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.99)
    weight_decay: float = Field(0.0, ge=0)
    clip: float = Field(5.0, gt=0)
    """The largest norm of the gradient."""
    decay_from: float = Field(0.5, ge=0, le=1)
    """The share of the phase after which the learning rate starts to fall."""
    final_lr: float = Field(0.05, gt=0, le=1)
    """The learning rate at the end, as a share of `lr`."""


class TeacherForcing(Section):
    """Maximum likelihood (tokens) or regression (frames) on the data's own prefixes."""

    steps: int = Field(ge=1)
    batch_size: int = Field(64, ge=1)
    optimizer: Optimizer = Optimizer()
    scheduled_sampling: float = Field(0.0, ge=0, lt=1)
    """The share of input steps taken from the model itself by the end of the phase; it rises in a line."""
    stop_weight: float = Field(0.3, ge=0)
    """Weight of the stop probability's loss, for frames."""


class Temperature(Section):
    """The temperature of the Gumbel-softmax, from `start` to `end` over the phase."""

    start: float = Field(1.0, gt=0)
    end: float = Field(1.0, gt=0)
    shape: Literal["linear", "exponential", "cosine"] = "exponential"


class GumbelSoftmax(Section):
    """Tokens with a gradient: a relaxed sample at every step (Jang et al. 2017; Maddison et al. 2017)."""

    kind: Literal["gumbel_softmax"]
    straight_through: bool = True
    """The discriminator sees hard tokens and their gradient is the soft ones'."""
    temperature: Temperature = Temperature()


class Pathwise(Section):
    """Frames: the gradient flows from the discriminator straight into the generator."""

    kind: Literal["pathwise"]


class Penalty(Section):
    """Zero-centred gradient penalties on real (R1) and generated (R2) sequences, every few steps."""

    gamma: float = Field(1.0, ge=0)
    """Their strength; 0 leaves them out."""
    every: int = Field(4, ge=1)
    """They are computed every so many discriminator steps, with as many times the weight."""
    backend: Literal["exact", "finite_difference"] = "finite_difference"
    sigma: float = Field(0.1, gt=0)
    """The size of the finite difference."""


class Adversarial(Section):
    """The discriminator and the generator, in turns."""

    steps: int = Field(ge=1)
    """Rounds; a round is `discriminator_steps` and then one generator step."""
    batch_size: int = Field(64, ge=2)
    estimator: Annotated[GumbelSoftmax | Pathwise, Field(discriminator="kind")]
    loss: Literal["non_saturating", "relativistic_pairing"] = "relativistic_pairing"
    penalty: Penalty = Penalty()
    generator_optimizer: Optimizer = Optimizer()
    discriminator_optimizer: Optimizer = Optimizer()
    discriminator_steps: int = Field(1, ge=1)
    pretraining_steps: int = Field(0, ge=0)
    """Discriminator steps before the first round."""
    anchor_weight: float = Field(0.0, ge=0)
    """Weight of the teacher-forced loss in the generator's step."""
    max_shift: int = Field(0, ge=0)
    """Frames: real and generated sequences are shifted together by a random 0 to this many steps."""


# --------------------------------------------------------------------------------------------- recipe


class Logging(Section):
    """How often a run says where it is, shows samples and saves."""

    log_every: int = Field(50, ge=1)
    preview_every: int = Field(500, ge=1)
    checkpoint_every: int = Field(500, ge=1)
    keep: int = Field(2, ge=1)
    """The newest checkpoints that are kept, beside the last one of each phase."""
    num_preview: int = Field(20, ge=1)


class Evaluation(Section):
    """What `evaluate` measures."""

    num_samples: int = Field(2000, ge=10)
    """Generated sequences that are scored."""


class Recipe(Section):
    """A whole experiment."""

    name: str = Field(pattern=r"^[\w.-]+$")
    """The run goes to `runs/` and this name unless told otherwise."""
    seed: int = Field(1, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16 runs the models under autocast; losses and penalties stay in float32."""
    threads: int | None = Field(None, ge=1)
    """CPU threads; as many as there are cores when null."""
    data: DataConfig
    generator: GeneratorConfig
    discriminator: DiscriminatorConfig | None = None
    teacher_forcing: TeacherForcing | None = None
    adversarial: Adversarial | None = None
    ema: float = Field(0.998, ge=0, lt=1)
    """Decay of the moving average of the generator's weights, which is what generates."""
    logging: Logging = Logging()
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _parts_fit(self) -> Recipe:
        text = self.data.kind == "text"
        if self.generator.kind in _GENERATOR_KINDS and (self.generator.kind == "tokens") != text:
            fits = "tokens" if text else "frames' or 'frames_autoregressive"
            raise ValueError(f"a generator of kind '{self.generator.kind}' cannot make {self.data.kind}: use '{fits}'")
        if self.teacher_forcing is None and self.adversarial is None:
            raise ValueError("there is nothing to train: give 'teacher_forcing', 'adversarial' or both")
        if self.teacher_forcing is not None and self.generator.kind == "frames":
            raise ValueError("a generator of kind 'frames' feeds nothing back: leave 'teacher_forcing' out")
        if self.adversarial is not None:
            self._adversarial_fits(self.adversarial, text)
        return self

    def _adversarial_fits(self, adversarial: Adversarial, text: bool) -> None:
        if self.discriminator is None:
            raise ValueError("'adversarial' needs a 'discriminator'")
        if (adversarial.estimator.kind == "gumbel_softmax") != text:
            fits = "gumbel_softmax" if text else "pathwise"
            raise ValueError(f"{self.data.kind} needs the estimator '{fits}', not '{adversarial.estimator.kind}'")
        group = self.discriminator.group_size
        if group and adversarial.batch_size % group:
            raise ValueError(
                f"adversarial.batch_size {adversarial.batch_size} is not a multiple of discriminator.group_size {group}"
            )
