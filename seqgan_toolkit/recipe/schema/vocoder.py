"""The vocoder's phase."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from seqgan_toolkit.recipe.schema.base import Section
from seqgan_toolkit.recipe.schema.training import Optimizer

Window = Annotated[int, Field(ge=16, multiple_of=4)]


class WaveformDiscriminator(Section):
    """What judges the vocoder's copies: small convolutional networks, each with its own view of the samples."""

    resolutions: tuple[Window, ...] = (128, 256, 512)
    """Samples in the windows of a spectrogram, one view for each."""
    periods: tuple[Annotated[int, Field(ge=2)], ...] = (2, 3, 5, 7)
    """Views that lay every p-th sample below each other."""
    channels: int = Field(16, ge=1)
    """Channels of every layer of every view."""
    optimizer: Optimizer = Optimizer()

    @model_validator(mode="after")
    def _something_is_seen(self) -> WaveformDiscriminator:
        if not self.resolutions and not self.periods:
            raise ValueError("resolutions and periods are both empty, so that nothing is judged: give one of them")
        return self


class VocoderTraining(Section):
    """The vocoder learns to copy the training clips from their frames."""

    steps: int = Field(ge=1)
    """Rounds of one discriminator step and one vocoder step, those before the game begins among them."""
    pretraining_steps: int = Field(0, ge=0)
    """Rounds at first in which the vocoder learns from spectra alone, four times as fast."""
    batch_size: int = Field(16, ge=1)
    segment_seconds: float = Field(0.25, gt=0)
    """The length of the stretches that are cut out of the clips; shorter clips stay whole."""
    mel_weight: float = Field(45.0, ge=0)
    """Weight of the mean absolute difference of log-mel values, in natural logarithms."""
    stft_weight: float = Field(10.0, ge=0)
    """Weight of the multi-resolution STFT distance: spectral convergence and log-magnitudes."""
    stft_resolutions: tuple[Window, ...] = Field((64, 256, 1024), min_length=1)
    """Samples in the windows of that distance."""
    game_weight: float = Field(1.0, ge=0)
    """Weight of fooling the discriminator."""
    feature_matching: float = Field(1.0, ge=0)
    """Weight of the mean absolute difference of the discriminator's features of real and of copied clips."""
    optimizer: Optimizer = Optimizer()
    discriminator: WaveformDiscriminator = WaveformDiscriminator()
