"""How networks are trained: optimisers, teacher forcing, the game."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.estimators import EstimatorConfig


class Optimizer(Section):
    """The way down, with decoupled weight decay, and a learning rate that is held and then falls."""

    kind: Literal["adam", "sgd"] = "adam"
    """Adam, or plain gradient descent, which has no use for `betas` (RCGAN's discriminator: `lr: 0.1`)."""
    lr: float = Field(1e-3, gt=0)
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.99)
    final_beta2: float | None = Field(None, ge=0, lt=1)
    """The second of `betas` at the end, along half a cosine over the phase (R3GAN: from 0.9 to 0.99); constant when
    null."""
    weight_decay: float = Field(0.0, ge=0)
    """On matrices only, not on biases."""
    decay_only: tuple[str, ...] = ()
    """The parameters that decay, by the beginning of their names (`[embedding, head]`); all when empty."""
    clip: float = Field(5.0, gt=0)
    """The largest norm of the gradient."""
    schedule: Literal["linear", "cosine"] = "linear"
    """The course of the learning rate's fall: in a line, or along half a cosine."""
    decay_from: float | None = Field(None, ge=0, le=1)
    """The share of the phase after which the learning rate starts to fall; when null, 0.5 or, in a cosine, 0."""
    final_lr: float = Field(0.05, gt=0, le=1)
    """The learning rate at the end, as a share of `lr`."""

    @model_validator(mode="after")
    def _descent_has_no_betas(self) -> Optimizer:
        if self.kind == "sgd" and self.final_beta2 is not None:
            raise ValueError("kind 'sgd' has no betas: leave final_beta2 out, or use kind 'adam'")
        return self


class ProfessorForcing(Section):
    """A discriminator that draws free running towards what goes on inside the generator under teacher forcing."""

    weight: float = Field(1.0, gt=0)
    """Weight of fooling it, beside the teacher-forced loss."""
    hidden_dim: int = Field(128, ge=1)
    """Size of the states of each of its two directions, and of its dense layer."""
    optimizer: Optimizer = Optimizer()


class TeacherForcing(Section):
    """Maximum likelihood (tokens) or regression (frames) on the data's own prefixes."""

    steps: int = Field(ge=1)
    batch_size: int = Field(64, ge=1)
    optimizer: Optimizer = Optimizer()
    scheduled_sampling: float = Field(0.0, ge=0, lt=1)
    """The share of input steps taken from the model itself by the end of the phase; it rises in a line."""
    professor_forcing: ProfessorForcing | None = None
    """Professor forcing (Lamb et al. 2016), for `tokens` without noise at single steps and `frames_autoregressive`."""
    stop_weight: float = Field(0.3, ge=0)
    """Weight of the stop probability's loss, for frames."""


class Penalty(Section):
    """Gradient penalties on the discriminator, every few steps."""

    kind: Literal["zero_centred", "wgan_gp"] = "zero_centred"
    """R1 on real and R2 on generated sequences pull the gradient to zero; WGAN-GP pulls its norm, on points between
    real and generated sequences, to one."""
    gamma: float = Field(1.0, ge=0)
    """Their strength; 0 leaves them out. WGAN-GP's usual one is 10."""
    final_gamma: float | None = Field(None, ge=0)
    """The strength at the end, along half a cosine over the phase (R3GAN: a tenth of `gamma`); constant when null."""
    every: int = Field(4, ge=1)
    """They are computed every so many discriminator steps, with as many times the weight."""
    backend: Literal["exact", "finite_difference"] = "finite_difference"
    sigma: float = Field(0.1, gt=0)
    """The size of the finite difference."""
    final_sigma: float | None = Field(None, gt=0)
    """That size at the end, along half a cosine over the phase; constant when null."""

    @model_validator(mode="after")
    def _the_backend_fits(self) -> Penalty:
        if self.backend == "exact" and self.final_sigma is not None:
            raise ValueError(
                "backend 'exact' takes no difference: leave final_sigma out, or use backend 'finite_difference'"
            )
        if self.kind == "wgan_gp" and self.gamma and self.backend != "exact":
            raise ValueError(
                "kind 'wgan_gp' needs backend 'exact': one finite difference tells the square of the norm, not the norm"
            )
        return self


class Augmentation(Section):
    """Changes to real and to generated frames before the discriminator sees them, as ADA (Karras et al. 2020)."""

    kinds: tuple[Literal["shift", "crop", "scale", "gain", "noise", "mask", "band"], ...] = Field(
        ("shift", "crop", "scale", "noise", "mask"), min_length=1
    )
    """In their order: a shift in time; a span of the sequence alone; a factor on the height above the lowest value; for
    log-mel frames a gain of about 3 dB; white noise; a blank span; a blank band of neighbouring values."""
    target: float | None = Field(0.6, gt=0, lt=1)
    """The discriminator's advantage, 2 accuracy - 1, at which the probability rests; null keeps the probability."""
    probability: float = Field(0.0, ge=0, le=0.8)
    """That of every kind, for every sequence, at first. Above 0.8 the changes would be learnt by the generator."""

    @model_validator(mode="after")
    def _something_is_changed(self) -> Augmentation:
        if self.target is None and not self.probability:
            raise ValueError("nothing is ever augmented: give a target or a probability above 0")
        return self


LossKind = Literal[
    "non_saturating",
    "jensen_shannon",
    "least_squares",
    "hinge",
    "wasserstein",
    "relativistic_pairing",
    "relativistic_average",
]
DIFFERENTIABLE = ("gumbel_softmax", "pathwise")
"""The estimators whose sequences carry a gradient."""


class Adversarial(Section):
    """The discriminator and the generator, in turns."""

    steps: int = Field(ge=1)
    """Rounds; a round is `discriminator_steps` and then one generator step."""
    batch_size: int = Field(64, ge=2)
    estimator: EstimatorConfig
    loss: LossKind = "relativistic_pairing"
    feature_matching: float = Field(0.0, ge=0)
    """Weight, in the generator's loss, of the squared distance between the discriminator's mean features of real and of
    generated sequences."""
    mmd_matching: float = Field(0.0, ge=0)
    """Weight of the maximum mean discrepancy between these features."""
    penalty: Penalty = Penalty()
    generator_optimizer: Optimizer = Optimizer()
    discriminator_optimizer: Optimizer = Optimizer()
    discriminator_steps: int = Field(1, ge=1)
    pretraining_steps: int = Field(0, ge=0)
    """Discriminator steps before the first round."""
    ema_ramp: float = Field(0.0, ge=0, le=1)
    """The share of the phase over which the half-life of the generator's moving average rises from 0 to that of `ema`,
    along half a cosine (R3GAN), so that the first weights are soon forgotten; 0 leaves the rise out."""
    anchor_weight: float = Field(0.0, ge=0)
    """Weight of the teacher-forced loss in the generator's step."""
    max_shift: int = Field(0, ge=0)
    """Frames: real and generated sequences are shifted together by a random 0 to this many steps."""
    instance_noise: float = Field(0.0, ge=0)
    """Standard deviation, at the beginning of the phase, of the noise on real and generated sequences, in the units of
    the embedded sequence; it falls in a line to 0 at the end."""
    augment: Augmentation | None = None
    skip_above: float | None = Field(None, gt=0.5, lt=1)
    """The running accuracy of the discriminator above which its steps are left out; never when null."""

    @model_validator(mode="after")
    def _noise_needs_a_gradient(self) -> Adversarial:
        if self.instance_noise and self.estimator.kind not in DIFFERENTIABLE:
            raise ValueError(
                "instance_noise would only make rewards noisy: set it to 0, or use the estimator "
                f"{' or '.join(DIFFERENTIABLE)}"
            )
        return self

    @model_validator(mode="after")
    def _matching_needs_a_gradient(self) -> Adversarial:
        if (self.feature_matching or self.mmd_matching) and self.estimator.kind not in DIFFERENTIABLE:
            raise ValueError(
                "feature_matching and mmd_matching need sequences with a gradient: set them to 0, or use the estimator "
                f"{' or '.join(DIFFERENTIABLE)}"
            )
        return self
