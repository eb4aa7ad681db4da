"""The two adversarial phases: the discriminator alone, and the discriminator and generator in turns."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.estimators.base import Estimator, Turn
from seqgan_toolkit.objectives.losses import Loss, summed
from seqgan_toolkit.objectives.schedules import between
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.monitor import Monitor
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.teacher_forcing import Teacher


class Game:
    """What both phases play with.

    Args:
        generator: the generator.
        estimator: makes its sequences, and its loss.
        critic: the discriminator's side.
        matching: what the generator minimises beside the game, given two verdicts made alike, or None.
        loader: batches of real sequences, grouped as the discriminator asks.
        draws: the noise of the generator.
        device: where the networks are.
        autocast: whether the generator runs in bfloat16.
    """

    def __init__(
        self,
        *,
        generator: torch.nn.Module,
        estimator: Estimator,
        critic: Critic,
        matching: Loss | None = None,
        loader: Loader,
        draws: Draws,
        device: torch.device,
        autocast: bool,
    ) -> None:
        self.generator, self.estimator, self.critic = generator, estimator, critic
        self.matching = matching
        self.loader, self.draws, self.device, self.autocast = loader, draws, device, autocast
        augmentation = critic.distortion.augmentation
        self.parts: dict[str, Stateful] = {
            **({"augmentation": augmentation} if augmentation else {}),
            "discriminator_optimizer": critic.descent,
            "critic": critic,
            "critic_draws": critic.draws,
            "loader": loader,
            "noise": draws,
            **{f"estimator_{name}": part for name, part in estimator.parts.items()},
        }

    def turn(self, real: SequenceBatch, on_real: Verdict, done: float) -> Turn:
        """Return what the generator's turn begins with, after a step of the discriminator on `real`."""
        objective = self.critic.loss.generator
        if self.matching is not None:
            # Features can be compared where both are made without dropout, by the same weights.
            on_real = self.critic.judge(real).detach()
            objective = summed(objective, self.matching)
        return Turn(real, on_real, self.critic.judge, objective, self.draws, done)

    def real(self) -> SequenceBatch:
        """Return the next batch of real sequences."""
        return self.loader.next().to(self.device)

    def fake(self, like: SequenceBatch, done: float, *, gradient: bool) -> SequenceBatch:
        """Return as many generated sequences as `like` has, with its labels row by row."""
        self.generator.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            batch = self.estimator.sample(like.labels, len(like), self.draws, done, gradient=gradient)
        # Tokens stay whole numbers; soft tokens and frames leave bfloat16.
        values = batch.values.float() if batch.values.is_floating_point() else batch.values
        return SequenceBatch(values, batch.lengths, batch.labels)


class DiscriminatorPretraining:
    """The discriminator learns alone, so that the first words the generator hears are worth something.

    Args:
        game: what it plays with.
        average: the moving average of the generator's weights.
        steps: how many steps the phase has.
    """

    name = "discriminator_pretraining"

    def __init__(self, game: Game, average: MovingAverage, steps: int) -> None:
        self.game, self.average, self.steps = game, average, steps
        self.parts: Mapping[str, Stateful] = game.parts

    def begin(self) -> None:
        """Let the discriminator meet the generator that it will play against: the moving average."""
        self.average.restart()

    def step(self, index: int) -> dict[str, float]:
        """Take one step of the discriminator."""
        real = self.game.real()
        fake = self.game.fake(real, 0.0, gradient=False)
        values, _ = self.game.critic.learn(real, fake, 0.0)
        return values


class AdversarialTraining:
    """Rounds of discriminator steps and one generator step.

    The sequences of a round's last discriminator step serve the generator's step too, and so do the scores of its
    real batch: one free run of the generator a round where there is one discriminator step.

    Args:
        game: what it plays with.
        descent: the generator's optimiser.
        average: the moving average of the generator's weights.
        steps: rounds.
        discriminator_steps: discriminator steps in a round.
        anchor: the teacher-forced loss that holds the generator near the data, or None.
        anchor_weight: its weight.
        anchor_loader: its batches, or None.
        ema_ramp: the share of the phase over which the average's half-life rises from 0 along a cosine
            (Huang et al. 2024); 0 for none.
    """

    name = "adversarial"

    def __init__(
        self,
        game: Game,
        *,
        descent: Descent,
        average: MovingAverage,
        steps: int,
        discriminator_steps: int,
        anchor: Teacher | None,
        anchor_weight: float,
        anchor_loader: Loader | None,
        ema_ramp: float = 0.0,
    ) -> None:
        self.game, self.descent, self.average = game, descent, average
        self.steps, self.discriminator_steps, self.ema_ramp = steps, discriminator_steps, ema_ramp
        self.anchor, self.anchor_weight, self.anchor_loader = anchor, anchor_weight, anchor_loader
        self.monitor = Monitor(speaks=descent.ranks.first)
        self.parts: Mapping[str, Stateful] = {
            **game.parts,
            "generator_optimizer": descent,
            "monitor": self.monitor,
            **({"anchor_loader": anchor_loader} if anchor_loader else {}),
        }

    def begin(self) -> None:
        """Let the generator go on from the moving average of the phase before."""
        self.average.restart()

    def step(self, index: int) -> dict[str, float]:
        """Play one round."""
        done, game = index / self.steps, self.game
        for number in range(1, self.discriminator_steps + 1):
            real = game.real()
            fake = game.fake(real, done, gradient=number == self.discriminator_steps)
            values, on_real = game.critic.learn(real, fake.detach(), done)
        values |= self.monitor.look(index + 1, real, fake, game.critic.accuracy)
        loss, more = self._generator_loss(fake, game.turn(real, on_real, done))
        value, norm = self.descent.step(loss, "generator", done)
        self.average.update(between(0.0, 1.0, done / self.ema_ramp, "cosine") if done < self.ema_ramp else 1.0)
        more_values = self.descent.ranks.means(more) if more else {}
        return {**values, "generator/loss": value, "generator/gradient": norm, **more_values}

    def _generator_loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        loss, values = self.game.estimator.loss(fake, turn)
        if self.anchor is None or self.anchor_loader is None:
            return loss, values
        batch = self.anchor_loader.next().to(self.game.device)
        return loss + self.anchor_weight * self.anchor.loss(batch, self.game.draws, 0.0), values
