"""TimeGAN's three phases (Yoon et al. 2019): autoencoding, supervising, and the game in the latent space.

Where the published code and the paper differ, the code is followed, since the published figures are the code's: its
loss weights, the roots over the squared errors, the moments, a supervisor of its own, and a discriminator that rests
while its loss is small. Beside it the errors of padding are left out, which the code averages in as zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.parts import frozen
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.objectives.latent import moment_distance, next_step_error, root, squared_error
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.hidden_critic import HiddenCritic
from seqgan_toolkit.training.optimizers import Descent

RECONSTRUCTION_WEIGHT, EMBEDDING_WEIGHT = 10.0, 0.1
"""In the joint phase the autoencoder minimises 10 times its error and .1 times that of the supervisor."""


@dataclass(frozen=True)
class LatentLessons:
    """What the three phases share.

    Attributes:
        generator: all four networks.
        average: the moving average of their weights.
        loader: batches of real sequences.
        draws: the noise.
        device: where the networks are.
        autocast: whether they run in bfloat16.
    """

    generator: TimeGANGenerator
    average: MovingAverage
    loader: Loader
    draws: Draws
    device: torch.device
    autocast: bool

    @property
    def parts(self) -> dict[str, Stateful]:
        """What of it changes from step to step, beside the networks."""
        return {"loader": self.loader, "noise": self.draws}

    def real(self) -> SequenceBatch:
        """Return the next batch of real sequences."""
        self.generator.train()
        return self.loader.next().to(self.device)

    def precision(self) -> torch.autocast:
        """Return the context in which the networks run."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast)

    def reconstruction_error(self, latents: torch.Tensor, batch: SequenceBatch) -> torch.Tensor:
        """Return the squared error of the frames recovered from latents [B, T, D], in units of the space's range."""
        networks = self.generator
        return squared_error(networks.recovery(latents, batch.labels), networks.unit(batch.values), batch.mask)

    def supervised_error(self, latents: torch.Tensor, batch: SequenceBatch) -> torch.Tensor:
        """Return the squared error of the supervisor on what follows each of the latents [B, T, D]."""
        return next_step_error(self.generator.supervisor(latents, batch.labels), latents, batch.mask)


class Autoencoding:
    """The embedder and the recovery learn to give back what they read (equation 7).

    Args:
        lessons: what it is done with.
        descent: the optimiser of both.
        steps: how many steps the phase has.
    """

    name = "autoencoding"

    def __init__(self, lessons: LatentLessons, *, descent: Descent, steps: int) -> None:
        self.lessons, self.descent, self.steps = lessons, descent, steps
        self.parts: Mapping[str, Stateful] = {**lessons.parts, "optimizer": descent}

    def begin(self) -> None:
        """Nothing to prepare."""

    def step(self, index: int) -> dict[str, float]:
        """Take one step on one batch."""
        lessons = self.lessons
        batch = lessons.real()
        with lessons.precision():
            loss = root(lessons.reconstruction_error(lessons.generator.embed(batch), batch))
        value, norm = self.descent.step(loss, self.name, index / self.steps)
        lessons.average.update()
        return {"autoencoding/loss": value, "autoencoding/gradient": norm}


class Supervising:
    """The supervisor learns what follows each latent of real sequences (equation 9); the autoencoder rests.

    Args:
        lessons: what it is done with.
        descent: the supervisor's optimiser.
        steps: how many steps the phase has.
    """

    name = "supervising"

    def __init__(self, lessons: LatentLessons, *, descent: Descent, steps: int) -> None:
        self.lessons, self.descent, self.steps = lessons, descent, steps
        self.parts: Mapping[str, Stateful] = {**lessons.parts, "optimizer": descent}

    def begin(self) -> None:
        """Let the networks go on from the moving average of the phase before."""
        self.lessons.average.restart()

    def step(self, index: int) -> dict[str, float]:
        """Take one step on one batch."""
        lessons = self.lessons
        batch = lessons.real()
        with lessons.precision():
            with torch.no_grad():
                latents = lessons.generator.embed(batch)
            loss = root(lessons.supervised_error(latents, batch))
        value, norm = self.descent.step(loss, self.name, index / self.steps)
        lessons.average.update()
        return {"supervising/loss": value, "supervising/gradient": norm}


class JointTraining:
    """All networks at once: generator and supervisor against a discriminator of latents, and the autoencoder.

    A round is `generator_steps` times a step of the generator with the supervisor and one of the autoencoder, each on
    the same fresh batch, and then a step of the discriminator on another.

    Args:
        lessons: what it is done with.
        critic: the discriminator's side.
        generator_descent: the optimiser of generator and supervisor.
        autoencoder_descent: the optimiser of embedder and recovery.
        steps: rounds.
        generator_steps: steps of the generator in a round.
        supervised_weight: weight of the supervisor's error in the generator's loss.
        moment_weight: weight of the distance of the frames' moments.
    """

    name = "timegan"

    def __init__(
        self,
        lessons: LatentLessons,
        *,
        critic: HiddenCritic,
        generator_descent: Descent,
        autoencoder_descent: Descent,
        steps: int,
        generator_steps: int,
        supervised_weight: float,
        moment_weight: float,
    ) -> None:
        self.lessons, self.critic = lessons, critic
        self.generator_descent, self.autoencoder_descent = generator_descent, autoencoder_descent
        self.steps, self.generator_steps = steps, generator_steps
        self.supervised_weight, self.moment_weight = supervised_weight, moment_weight
        self.parts: Mapping[str, Stateful] = {
            **lessons.parts,
            "discriminator": critic.discriminator,
            "discriminator_dropout": critic.dropout,
            "discriminator_optimizer": critic.descent,
            "generator_optimizer": generator_descent,
            "autoencoder_optimizer": autoencoder_descent,
        }

    def begin(self) -> None:
        """Let the networks go on from the moving average of the phase before."""
        self.lessons.average.restart()

    def step(self, index: int) -> dict[str, float]:
        """Play one round."""
        done = index / self.steps
        for _ in range(self.generator_steps):
            batch = self.lessons.real()
            values = self._teach_generator(batch, done) | self._teach_autoencoder(batch, done)
        values |= self._teach_discriminator(self.lessons.real(), done)
        self.lessons.average.update()
        return values

    def _teach_generator(self, batch: SequenceBatch, done: float) -> dict[str, float]:
        lessons, networks = self.lessons, self.lessons.generator
        with lessons.precision():
            with torch.no_grad():
                latents = networks.embed(batch)
            generated = self._generated(batch)
            with frozen(networks.recovery):
                frames = networks.recovery(generated[0].values, batch.labels)
            supervised = root(lessons.supervised_error(latents, batch))
            moments = moment_distance(frames, networks.unit(batch.values), batch.mask)
            game = self.critic.fooled(generated)
        loss = game + self.supervised_weight * supervised + self.moment_weight * moments
        value, norm = self.generator_descent.step(loss, "generator", done)
        parts = {"generator/game": game, "generator/supervised": supervised, "generator/moments": moments}
        means = self.generator_descent.ranks.means(parts)
        return {"generator/loss": value, "generator/gradient": norm, **means}

    def _teach_autoencoder(self, batch: SequenceBatch, done: float) -> dict[str, float]:
        lessons, networks = self.lessons, self.lessons.generator
        with lessons.precision():
            latents = networks.embed(batch)
            error = root(lessons.reconstruction_error(latents, batch))
            with frozen(networks.supervisor):
                supervised = lessons.supervised_error(latents, batch)
        loss = RECONSTRUCTION_WEIGHT * error + EMBEDDING_WEIGHT * supervised
        value, norm = self.autoencoder_descent.step(loss, "autoencoder", done)
        return {"autoencoder/loss": value, "autoencoder/gradient": norm}

    def _teach_discriminator(self, batch: SequenceBatch, done: float) -> dict[str, float]:
        with self.lessons.precision(), torch.no_grad():
            real = SequenceBatch(self.lessons.generator.embed(batch), batch.lengths, batch.labels)
            generated = self._generated(batch)
        return self.critic.learn(real, generated, done)

    def _generated(self, like: SequenceBatch) -> list[SequenceBatch]:
        """Return generated latents, as the supervisor corrects them and as they were, of the lengths of `like`."""
        networks = self.lessons.generator
        drawn = networks.draw_latents(like.labels, len(like), like.num_steps, self.lessons.draws)
        both = (networks.supervisor(drawn, like.labels), drawn)
        return [SequenceBatch(latents, like.lengths, like.labels) for latents in both]
