"""A whole recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.cooperative import Cooperative
from seqgan_toolkit.recipe.schema.data import AudioData, DataConfig
from seqgan_toolkit.recipe.schema.discriminators import DiscriminatorConfig
from seqgan_toolkit.recipe.schema.estimators import LeakGAN, Reinforce
from seqgan_toolkit.recipe.schema.generators import (
    GENERATOR_KINDS,
    TOKEN_GENERATOR_KINDS,
    GeneratorConfig,
    TokenGenerator,
)
from seqgan_toolkit.recipe.schema.policy_checks import check_policy
from seqgan_toolkit.recipe.schema.residual import Backward, Residual
from seqgan_toolkit.recipe.schema.timegan import TimeGAN
from seqgan_toolkit.recipe.schema.training import Adversarial, TeacherForcing
from seqgan_toolkit.recipe.schema.vocoder import VocoderTraining


class Logging(Section):
    """How often a run says where it is, shows samples and saves."""

    log_every: int = Field(50, ge=1)
    preview_every: int = Field(500, ge=1)
    checkpoint_every: int = Field(500, ge=1)
    keep: int = Field(2, ge=1)
    """The newest checkpoints that are kept, beside the last one of each phase."""
    num_preview: int = Field(20, ge=1)
    keep_best: bool = False
    """Frames: at every preview, measure 1,000 samples against held-out sequences (the Fréchet distance of the mean and
    the deviation over time of each value), and keep the best generator as the model `best`, beside the last one."""


class Evaluation(Section):
    """What `evaluate` measures."""

    num_samples: int = Field(2000, ge=10)
    """Generated sequences that are scored."""
    language_model: bool = False
    """Text: train language models for `lm_score`, `reverse_lm_score` and `lm_frechet` (minutes for each model)."""
    curve: bool = False
    """Text: measure at every one of `temperatures` too, and draw quality against diversity."""
    temperatures: tuple[Annotated[float, Field(gt=0)], ...] = Field((0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2), min_length=2)
    """Of the curve; each divides the logits. 1 costs nothing, being measured anyway."""
    train_on_synthetic: bool = False
    """Frames: train networks on generated sequences and test them on real ones (minutes for each model)."""
    synthetic_samples: int | None = Field(None, ge=10)
    """Sequences that they are trained on; as many as the training split has when null."""
    repeats: int = Field(10, ge=1)
    """Series: networks that each score of them is the mean of; they are trained side by side."""

    def misplaced(self, data: DataConfig) -> str | None:
        """Return what is asked for that does not suit these data, as a sentence; None where all does."""
        if data.kind != "text" and (self.curve or self.language_model):
            return (
                "'evaluation.curve' and 'evaluation.language_model' measure sentences: leave them out, or use data of "
                f"kind 'text' (found '{data.kind}')"
            )
        if data.makes_tokens and self.train_on_synthetic:
            return (
                "'evaluation.train_on_synthetic' measures frames: leave it out; 'evaluation.language_model' is for text"
            )
        return None


class InitFrom(Section):
    """Transfer learning: the generator starts from the averaged weights of another run; the discriminator does not."""

    run: str
    """The directory of that run, which is read once: a run with a checkpoint of its own goes on without it."""
    model: str | None = None
    """`teacher_forced` or `adversarial`; the last model of that run when null."""
    frozen: tuple[str, ...] = ()
    """Parameters, by the beginning of their names (`[embedding]`), that stay as they are."""


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
    init_from: InitFrom | None = None
    discriminator: DiscriminatorConfig | None = None
    teacher_forcing: TeacherForcing | None = None
    cooperative: Cooperative | None = None
    timegan: TimeGAN | None = None
    vocoder: VocoderTraining | None = None
    adversarial: Adversarial | None = None
    residual: Residual | None = None
    ema: float = Field(0.998, ge=0, lt=1)
    """Decay of the moving average of the generator's weights, which is what generates."""
    logging: Logging = Logging()
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _parts_fit(self) -> Recipe:
        tokens, kind = self.data.makes_tokens, self.generator.kind
        if kind in GENERATOR_KINDS and (kind in TOKEN_GENERATOR_KINDS) != tokens:
            fits = "tokens" if tokens else "frames' or 'frames_autoregressive"
            raise ValueError(f"a generator of kind '{kind}' cannot make {self.data.described}: use '{fits}'")
        misplaced = self.evaluation.misplaced(self.data)
        if misplaced:
            raise ValueError(misplaced)
        taught = self.teacher_forcing or self.cooperative or self.adversarial or self.init_from
        if self.logging.keep_best and (tokens or kind == "vocoder"):
            raise ValueError("logging.keep_best measures generated frames, and there are none: leave it out")
        if kind == "ensemble" and taught:
            raise ValueError("an ensemble's members are trained already: the only phase it may have is 'residual'")
        phases = (
            self.teacher_forcing, self.cooperative, self.timegan, self.vocoder, self.adversarial, self.residual
        )  # fmt: skip
        if kind != "ensemble" and not any(phases):
            raise ValueError("there is nothing to train: give 'teacher_forcing', 'adversarial' or both")
        if self.teacher_forcing is not None and kind == "frames":
            raise ValueError("a generator of kind 'frames' feeds nothing back: leave 'teacher_forcing' out")
        if self.teacher_forcing is not None and self.teacher_forcing.professor_forcing is not None:
            self._professor_fits()
        if self.cooperative is not None and kind == "manager_worker":
            raise ValueError("'cooperative' has no loss for a manager: use a generator of kind 'tokens'")
        if (self.cooperative or self.residual) and not tokens:
            raise ValueError(
                f"the phases 'cooperative' and 'residual' are for tokens, and the data are {self.data.described}"
            )
        if self.timegan is not None or kind == "timegan":
            self._timegan_fits()
        if self.vocoder is not None or kind == "vocoder":
            self._vocoder_fits()
        if self.residual is not None:
            self._residual_fits()
        if self.adversarial is not None:
            self._adversarial_fits(self.adversarial, tokens)
        return self

    def _adversarial_fits(self, adversarial: Adversarial, tokens: bool) -> None:
        if self.discriminator is None:
            raise ValueError("'adversarial' needs a 'discriminator'")
        estimator = adversarial.estimator
        if (estimator.kind == "pathwise") == tokens:
            fits = "gumbel_softmax' or 'reinforce" if tokens else "pathwise"
            raise ValueError(f"{self.data.described} needs the estimator '{fits}', not '{estimator.kind}'")
        if adversarial.augment is not None and tokens:
            raise ValueError("adversarial.augment is for frames: words are blanked by discriminator.word_dropout")
        if self.generator.kind == "manager_worker" and estimator.kind != "leakgan":
            raise ValueError(
                "a generator of kind 'manager_worker' needs the estimator 'leakgan', which has a loss for both"
            )
        if isinstance(estimator, Reinforce | LeakGAN):
            check_policy(estimator, adversarial, self.generator, self.discriminator)
        bounded = adversarial.penalty.gamma or self.discriminator.spectral_norm
        if adversarial.loss == "wasserstein" and not bounded:
            raise ValueError(
                "adversarial.loss 'wasserstein' needs a discriminator of bounded slope: set adversarial.penalty to "
                "{kind: wgan_gp, backend: exact, gamma: 10}, or discriminator.spectral_norm to true"
            )
        self._neighbours_fit("adversarial", adversarial.batch_size)

    def _timegan_fits(self) -> None:
        if self.timegan is None or self.generator.kind != "timegan":
            raise ValueError("a generator of kind 'timegan' and the section 'timegan' need each other: give both")
        if self.teacher_forcing or self.adversarial:
            raise ValueError("'timegan' has its own phases: leave 'teacher_forcing' and 'adversarial' out")
        if self.discriminator is None:
            raise ValueError("'timegan' needs a 'discriminator', which judges the latents")
        self._neighbours_fit("timegan", self.timegan.batch_size)

    def _vocoder_fits(self) -> None:
        if self.vocoder is None or self.generator.kind != "vocoder":
            raise ValueError("a generator of kind 'vocoder' and the section 'vocoder' need each other: give both")
        if not isinstance(self.data, AudioData) or self.data.decoder != "griffin_lim":
            raise ValueError("a vocoder is a decoder of audio: use data of kind 'audio', and leave data.decoder out")
        if self.discriminator or self.teacher_forcing or self.adversarial:
            raise ValueError(
                "'vocoder' has its own phase and judges waveforms: leave 'discriminator', 'teacher_forcing' and "
                "'adversarial' out (vocoder.discriminator says what judges)"
            )
        longest = max((*self.vocoder.stft_resolutions, *self.vocoder.discriminator.resolutions))
        if self.vocoder.segment_seconds * self.data.sample_rate < longest:
            raise ValueError(
                f"vocoder.segment_seconds {self.vocoder.segment_seconds:g} is shorter than a window of {longest} "
                f"samples: use at least {longest / self.data.sample_rate:g}, or smaller windows in "
                "vocoder.stft_resolutions and vocoder.discriminator.resolutions"
            )

    def _professor_fits(self) -> None:
        generator = self.generator
        if generator.kind == "manager_worker":
            raise ValueError("'professor_forcing' does not know a manager: use a generator of kind 'tokens'")
        if isinstance(generator, TokenGenerator) and generator.step_noise_dim:
            raise ValueError(
                "'professor_forcing' reads again what was drawn, with its noise: set generator.step_noise_dim to 0 "
                "(generator.noise_dim may stay)"
            )

    def _neighbours_fit(self, phase: str, batch_size: int) -> None:
        assert self.discriminator is not None
        if self.data.makes_tokens and self.discriminator.packing > 1:
            raise ValueError("discriminator.packing joins frames: leave it out for tokens, or give group_size")
        neighbours = self.discriminator.neighbours
        if batch_size % neighbours:
            key = "group_size" if self.discriminator.group_size else "packing"
            raise ValueError(f"{phase}.batch_size {batch_size} is not a multiple of discriminator.{key} {neighbours}")

    def _residual_fits(self) -> None:
        assert self.residual is not None
        if self.residual.backward is not None:
            self._backward_fits(self.residual.backward)
        elif self.discriminator is None:
            raise ValueError("'residual' needs a 'discriminator' or 'residual.backward'")
        elif not self.discriminator.scores_alone:
            raise ValueError(
                "'residual' needs one score for each sequence by itself: give discriminator.scores: sequence, heads: "
                "joined, group_size 0, and no encoder of kind 'random_window'"
            )
        taught = self.teacher_forcing or self.cooperative or self.adversarial or self.init_from
        if not taught and self.generator.kind != "ensemble":
            raise ValueError(
                "'residual' corrects a finished generator: give 'teacher_forcing', 'init_from' or an ensemble"
            )

    def _backward_fits(self, backward: Backward) -> None:
        assert self.residual is not None
        if self.discriminator is not None and self.adversarial is None:
            raise ValueError("'residual.backward' is what 'residual' has for a discriminator: leave one of the two out")
        if self.residual.embedding != "own":
            raise ValueError("residual.embedding is for a 'discriminator': leave it out beside 'residual.backward'")
        reader = backward.generator or self.generator
        if not isinstance(reader, TokenGenerator):
            raise ValueError(
                f"'residual.backward' is a generator of kind 'tokens', and the recipe's is of kind '{reader.kind}': "
                "give residual.backward.generator"
            )
        for key, config in {"generator": self.generator, "residual.backward.generator": reader}.items():
            if isinstance(config, TokenGenerator) and (config.noise_dim or config.step_noise_dim):
                raise ValueError(
                    f"'residual.backward' weighs likelihoods, which noise has no part in: set {key}.noise_dim and "
                    f"{key}.step_noise_dim to 0"
                )
