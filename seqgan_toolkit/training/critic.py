"""The discriminator's side of the game: its step, and its word on what the generator made."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.models.energy import Scorer
from seqgan_toolkit.models.parts import frozen, switch_dropout
from seqgan_toolkit.models.spectral_norm import switch_power_iteration
from seqgan_toolkit.objectives.losses import AdversarialLoss, masked_mean
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.training.distortion import Distortion
from seqgan_toolkit.training.embedded import Embedded
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.penalty import PenaltySettings, gradient_penalty

RECENT = 0.05
"""The weight of a batch in the running accuracy."""


class Critic:
    """A discriminator with its optimiser, its loss and its penalty.

    Args:
        discriminator: the network.
        descent: its optimiser.
        loss: the game.
        penalty: R1 and R2 together, or WGAN-GP.
        dropout: the stream of its dropout masks and random windows.
        draws: the stream of distortions and finite differences.
        distortion: what is done to real and generated sequences before they are scored.
        skip_above: the running accuracy above which the discriminator rests; None for never.
        autocast: whether the network runs in bfloat16; losses and penalties stay in float32.
    """

    def __init__(
        self,
        discriminator: Scorer,
        descent: Descent,
        loss: AdversarialLoss,
        penalty: PenaltySettings,
        *,
        dropout: Draws,
        draws: Draws,
        distortion: Distortion | None = None,
        skip_above: float | None = None,
        autocast: bool,
    ) -> None:
        self.discriminator, self.descent, self.loss, self.penalty = discriminator, descent, loss, penalty
        self.dropout, self.draws, self.distortion = dropout, draws, distortion or Distortion()
        self.skip_above, self.autocast = skip_above, autocast
        self.num_steps, self.accuracy = 0, 0.5
        # Of the last step that was asked for: what is judged afterwards is judged at the same time.
        self._done = 0.0

    def learn(self, real: SequenceBatch, fake: SequenceBatch, done: float) -> tuple[dict[str, float], Verdict]:
        """Take one step of the discriminator on as many real as generated sequences.

        Args:
            real: real sequences.
            fake: generated sequences, cut from the generator's graph, with the labels of `real`, row by row.
            done: the share of the phase that is behind.

        Returns:
            What is worth logging, and the verdict on `real` before the step.
        """
        self.discriminator.train()
        self._done = done
        masks = self.dropout.state_dict()
        seen = self._distorted(self._joined(real, fake), blocks=2)
        verdict = self._judge(seen)
        on_real, on_fake = verdict.halves()
        values = {
            "discriminator/loss": self.loss.discriminator(on_real, on_fake),
            "discriminator/gap": _mean_score(on_real) - _mean_score(on_fake),
            "discriminator/accuracy": self._accuracy(on_real, on_fake),
        }
        rests = self.skip_above is not None and self.accuracy > self.skip_above
        gradient = {} if rests else self._descend(values, verdict, seen, masks)
        means = self.descent.ranks.means(values)
        return {**means, **gradient, **self._balance(means["discriminator/accuracy"], rests)}, on_real.detach()

    def judge(self, batch: SequenceBatch) -> Verdict:
        """Score sequences without dropout and without a gradient for the discriminator's own weights."""
        # Not eval() on the whole: cuDNN has no backward for a recurrent network in evaluation mode.
        switch_dropout(self.discriminator, on=False)
        switch_power_iteration(self.discriminator, on=False)
        with frozen(self.discriminator), self.dropout.in_blocks(1):
            embedded = Embedded(self.discriminator.embed(batch.values), batch.lengths, batch.labels)
            return self._judge(self._distorted(embedded, blocks=1))

    def state_dict(self) -> dict[str, float]:
        """Return the number of steps taken, which tells when the next penalty is due, and the running accuracy."""
        return {"num_steps": self.num_steps, "accuracy": self.accuracy}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.num_steps, self.accuracy = state["num_steps"], state["accuracy"]

    def _judge(self, seen: Embedded) -> Verdict:
        with torch.autocast(seen.inputs.device.type, torch.bfloat16, enabled=self.autocast):
            verdict = self.discriminator.judge(seen.inputs, seen.lengths, seen.labels)
        return Verdict(verdict.scores.float(), verdict.mask, verdict.features)

    def _descend(
        self, values: dict[str, torch.Tensor], verdict: Verdict, seen: Embedded, masks: dict[str, Any]
    ) -> dict[str, float]:
        """Step down the loss among `values`, to which the penalty is added where it is due; return the gradient."""
        # One power iteration a step: a penalty compares scores of the same weights.
        switch_power_iteration(self.discriminator, on=False)
        total, settings = values["discriminator/loss"], self.penalty.at(self._done)
        if settings.gamma and self.num_steps % settings.every == 0:
            penalty = gradient_penalty(
                settings,
                self.discriminator,
                seen,
                None if self.autocast else verdict,
                dropout=self.dropout,
                masks=masks,
                draws=self.draws,
            )
            values["discriminator/penalty"] = penalty
            total = total + settings.every * penalty
        self.num_steps += 1
        _, gradient = self.descent.step(total, "discriminator", self._done)
        return {"discriminator/gradient": gradient}

    def _balance(self, accuracy: float, rests: bool) -> dict[str, float]:
        """Take the accuracy on a batch in, and return what is done about it."""
        self.accuracy += RECENT * (accuracy - self.accuracy)
        values = {} if self.skip_above is None else {"discriminator/skipped": float(rests)}
        augmentation = self.distortion.augmentation
        if augmentation is not None:
            values["discriminator/augmentation"] = augmentation.probability
            augmentation.adapt(self.accuracy)
        return values

    def _joined(self, real: SequenceBatch, fake: SequenceBatch) -> Embedded:
        halves = [self.discriminator.embed(real.values), self.discriminator.embed(fake.values)]
        # All processes pad to the same number of steps, so that they draw alike.
        steps = self.descent.ranks.largest(max(half.shape[1] for half in halves))
        padding = self.discriminator.padding
        inputs = torch.cat([functional.pad(half, (0, 0, 0, steps - half.shape[1]), value=padding) for half in halves])
        labels = None if real.labels is None else torch.cat([real.labels, real.labels])
        return Embedded(inputs, torch.cat([real.lengths, fake.lengths]), labels)

    def _distorted(self, given: Embedded, *, blocks: int) -> Embedded:
        return self.distortion(given, self.draws, self._done, padding=self.discriminator.padding, blocks=blocks)

    def _accuracy(self, real: Verdict, fake: Verdict) -> torch.Tensor:
        """Return the share of right guesses when the middle of the mean scores is the border; .5 is chance."""
        # The means are those of all processes together, or each of them would draw a border of its own.
        border = self.descent.ranks.mean(_mean_score(real) + _mean_score(fake)) / 2
        on_real = masked_mean((real.scores > border).float(), real.mask)
        on_fake = masked_mean((fake.scores < border).float(), fake.mask)
        return (on_real + on_fake) / 2


def _mean_score(verdict: Verdict) -> torch.Tensor:
    return masked_mean(verdict.scores, verdict.mask)
