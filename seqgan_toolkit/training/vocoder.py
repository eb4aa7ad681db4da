"""The vocoder's phase: copies of the training clips, near the real ones in their spectra and in a game."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.domains.audio.aligned import cut
from seqgan_toolkit.domains.audio.spectra import SpectralDistance
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.parts import frozen
from seqgan_toolkit.models.vocoder import Vocoder
from seqgan_toolkit.models.waveform_discriminator import WaveformDiscriminator
from seqgan_toolkit.objectives.waveforms import discriminator_loss, feature_distance, generator_loss
from seqgan_toolkit.sequences import SequenceBatch, length_mask
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.optimizers import Descent


class VocoderTraining:
    """Rounds of one discriminator step and one vocoder step on the same stretches of clips; at first the vocoder alone.

    Args:
        vocoder: frames to samples.
        discriminator: judges samples.
        distance: between spectra.
        weights: of the loss's parts: `mel`, `stft`, `game` and `features`.
        vocoder_descent: the vocoder's optimiser.
        discriminator_descent: the discriminator's optimiser.
        average: the moving average of the vocoder's weights.
        loader: batches of frames with their samples, `AlignedClips`.
        draws: where stretches begin.
        steps: rounds.
        pretraining_steps: the first ones, in which the vocoder learns from spectra alone.
        num_frames: the length of a stretch.
        device: where the networks are.
        autocast: whether they run in bfloat16.
    """

    name = "vocoder"

    def __init__(
        self,
        *,
        vocoder: Vocoder,
        discriminator: WaveformDiscriminator,
        distance: SpectralDistance,
        weights: Mapping[str, float],
        vocoder_descent: Descent,
        discriminator_descent: Descent,
        average: MovingAverage,
        loader: Loader,
        draws: Draws,
        steps: int,
        pretraining_steps: int,
        num_frames: int,
        device: torch.device,
        autocast: bool,
    ) -> None:
        self.vocoder, self.discriminator, self.distance, self.weights = vocoder, discriminator, distance, weights
        self.vocoder_descent, self.discriminator_descent = vocoder_descent, discriminator_descent
        self.average, self.loader, self.draws = average, loader, draws
        self.steps, self.pretraining_steps, self.num_frames = steps, pretraining_steps, num_frames
        self.device, self.autocast = device, autocast
        self.parts: Mapping[str, Stateful] = {
            "discriminator": discriminator,
            "vocoder_optimizer": vocoder_descent,
            "discriminator_optimizer": discriminator_descent,
            "loader": loader,
            "starts": draws,
        }

    def begin(self) -> None:
        """Nothing to prepare."""

    def step(self, index: int) -> dict[str, float]:
        """Play one round."""
        done = index / self.steps
        self.vocoder.train()
        clips = self.loader.next().to(self.device)
        clips = cut(clips, self.num_frames, self.draws.uniform(len(clips)))
        real, copy = self._copy(clips)
        parts = {"mel": self.distance.mel(real, copy), "stft": self.distance.stft(real, copy)}
        values: dict[str, float] = {}
        if index >= self.pretraining_steps:
            values = self._teach_discriminator(real, copy.detach(), done)
            parts |= self._judged(real, copy)
        values |= self._teach_vocoder(parts, done)
        self.average.update()
        return values

    def _copy(self, clips: SequenceBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the samples below stretches [B, S, F + hop] and their copies, [B, S * hop], silent behind the end."""
        frames, below = torch.split(clips.values, [self.vocoder.space.dim, self.vocoder.hop], dim=-1)
        with self._precision():
            copy = self.vocoder(frames, clips.lengths)
        real = below.flatten(1)
        heard = length_mask(clips.lengths * self.vocoder.hop, real.shape[1])
        return real * heard, copy * heard

    def _teach_discriminator(self, real: torch.Tensor, copy: torch.Tensor, done: float) -> dict[str, float]:
        with self._precision():
            loss = discriminator_loss(self.discriminator(real), self.discriminator(copy))
        value, norm = self.discriminator_descent.step(loss, "discriminator", done)
        return {"discriminator/loss": value, "discriminator/gradient": norm}

    def _judged(self, real: torch.Tensor, copy: torch.Tensor) -> dict[str, torch.Tensor]:
        with self._precision(), frozen(self.discriminator):
            with torch.no_grad():
                on_real = self.discriminator(real)
            on_copy = self.discriminator(copy)
        return {"game": generator_loss(on_real, on_copy), "features": feature_distance(on_real, on_copy)}

    def _teach_vocoder(self, parts: Mapping[str, torch.Tensor], done: float) -> dict[str, float]:
        loss = torch.stack([self.weights[name] * part for name, part in parts.items()]).sum()
        value, norm = self.vocoder_descent.step(loss, "vocoder", done)
        means = self.vocoder_descent.ranks.means({f"vocoder/{name}": part for name, part in parts.items()})
        return {"vocoder/loss": value, "vocoder/gradient": norm, **means}

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast)
