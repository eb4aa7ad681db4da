"""The discriminator's side of the game: its step, and its word on what the generator made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.parts import frozen, switch_dropout, without_dropout
from seqgan_toolkit.models.spectral_norm import switch_power_iteration
from seqgan_toolkit.objectives.losses import AdversarialLoss, masked_mean
from seqgan_toolkit.objectives.penalties import (
    exact_penalty,
    finite_difference_penalty,
    interpolated,
    unit_norm_penalty,
)
from seqgan_toolkit.objectives.schedules import towards
from seqgan_toolkit.sequences import SequenceBatch, length_mask
from seqgan_toolkit.training.optimizers import Descent


@dataclass(frozen=True)
class PenaltySettings:
    """Gradient penalties: which, their strength, how often they are computed, and how; what ends elsewhere moves."""

    gamma: float
    every: int
    backend: Literal["exact", "finite_difference"]
    sigma: float
    kind: Literal["zero_centred", "wgan_gp"] = "zero_centred"
    final_gamma: float | None = None
    final_sigma: float | None = None

    def at(self, done: float) -> PenaltySettings:
        """Return what holds when the share `done` of the phase is behind."""
        return replace(
            self,
            gamma=towards(self.gamma, self.final_gamma, done),
            sigma=towards(self.sigma, self.final_sigma, done),
        )


class Critic:
    """A discriminator with its optimiser, its loss and its penalty.

    Args:
        discriminator: the network.
        descent: its optimiser.
        loss: the game.
        penalty: R1 and R2 together, or WGAN-GP.
        dropout: the stream of its dropout masks.
        draws: the stream of shifts and finite differences.
        max_shift: real and generated sequences are moved together by 0 to this many steps, at random.
        autocast: whether the network runs in bfloat16; losses and penalties stay in float32.
    """

    def __init__(
        self,
        discriminator: Discriminator,
        descent: Descent,
        loss: AdversarialLoss,
        penalty: PenaltySettings,
        *,
        dropout: Draws,
        draws: Draws,
        max_shift: int,
        autocast: bool,
    ) -> None:
        self.discriminator, self.descent, self.loss, self.penalty = discriminator, descent, loss, penalty
        self.dropout, self.draws, self.max_shift, self.autocast = dropout, draws, max_shift, autocast
        self.num_steps = 0

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
        masks = self.dropout.state_dict()
        inputs, lengths, labels = self._shifted(*self._joined(real, fake))
        verdict = self._judge(inputs, lengths, labels)
        # One power iteration a step: a penalty compares scores of the same weights.
        switch_power_iteration(self.discriminator, on=False)
        on_real, on_fake = verdict.halves()
        loss = self.loss.discriminator(on_real, on_fake)
        values = {
            "discriminator/loss": loss,
            "discriminator/gap": _mean_score(on_real) - _mean_score(on_fake),
            "discriminator/accuracy": _accuracy(on_real, on_fake),
        }
        total = loss
        settings = self.penalty.at(done)
        if settings.gamma and self.num_steps % settings.every == 0:
            penalty = self._penalty(settings, verdict, inputs, lengths, labels, masks)
            values["discriminator/penalty"] = penalty
            total = loss + settings.every * penalty
        self.num_steps += 1
        _, gradient = self.descent.step(total, "discriminator", done)
        return {**self.descent.ranks.means(values), "discriminator/gradient": gradient}, on_real.detach()

    def judge(self, batch: SequenceBatch) -> Verdict:
        """Score sequences without dropout and without a gradient for the discriminator's own weights."""
        # Not eval() on the whole: cuDNN has no backward for a recurrent network in evaluation mode.
        switch_dropout(self.discriminator, on=False)
        switch_power_iteration(self.discriminator, on=False)
        with frozen(self.discriminator):
            embedded = self.discriminator.embed(batch.values)
            inputs, lengths, labels = self._shifted(embedded, batch.lengths, batch.labels)
            return self._judge(inputs, lengths, labels)

    def state_dict(self) -> dict[str, int]:
        """Return the number of steps taken, which tells when the next penalty is due."""
        return {"num_steps": self.num_steps}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from what `state_dict` returned."""
        self.num_steps = state["num_steps"]

    def _judge(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Verdict:
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.autocast):
            verdict = self.discriminator.judge(inputs, lengths, labels)
        return Verdict(verdict.scores.float(), verdict.mask, verdict.features)

    def _penalty(
        self,
        settings: PenaltySettings,
        verdict: Verdict,
        inputs: torch.Tensor,
        lengths: torch.Tensor,
        labels: torch.Tensor | None,
        masks: dict[str, Any],
    ) -> torch.Tensor:
        if settings.kind == "wgan_gp":
            return self._penalty_between(settings.gamma, inputs, lengths, labels)
        mask = length_mask(lengths, inputs.shape[1])

        def judge(moved: torch.Tensor) -> Verdict:
            self.dropout.load_state_dict(masks)
            return self.discriminator.judge(moved.float(), lengths, labels)

        # Real and generated sequences are penalised in one pass: twice its mean is R1 + R2.
        if settings.backend == "exact":
            return 2 * exact_penalty(judge, inputs, mask, settings.gamma)
        # What bfloat16 rounds off is larger than a small difference: both of its ends are scored in float32.
        scored = judge(inputs) if self.autocast else verdict
        return 2 * finite_difference_penalty(judge, scored, inputs, mask, settings.gamma, settings.sigma, self.draws)

    def _penalty_between(
        self, gamma: float, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None
    ) -> torch.Tensor:
        # One share for a real sequence and the generated one beside it, so half of what is drawn for both.
        share = self.draws.uniform(len(inputs)).chunk(2)[0]
        between, lengths = interpolated(inputs.float(), lengths, share)
        labels = None if labels is None else labels.chunk(2)[0]
        mask = length_mask(lengths, between.shape[1])
        # No dropout: they are other sequences than those whose masks were drawn.
        with without_dropout(self.discriminator):
            return unit_norm_penalty(
                lambda values: self.discriminator.judge(values, lengths, labels), between, mask, gamma
            )

    def _joined(
        self, real: SequenceBatch, fake: SequenceBatch
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        halves = [self.discriminator.embed(real.values), self.discriminator.embed(fake.values)]
        # All processes pad to the same number of steps, so that they draw alike.
        steps = self.descent.ranks.largest(max(half.shape[1] for half in halves))
        padding = self.discriminator.padding
        inputs = torch.cat([functional.pad(half, (0, 0, 0, steps - half.shape[1]), value=padding) for half in halves])
        labels = None if real.labels is None else torch.cat([real.labels, real.labels])
        return inputs, torch.cat([real.lengths, fake.lengths]), labels

    def _shifted(
        self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        if not self.max_shift:
            return inputs, lengths, labels
        shift = self.draws.integer(self.max_shift + 1)
        return functional.pad(inputs, (0, 0, shift, 0), value=self.discriminator.padding), lengths + shift, labels


def _mean_score(verdict: Verdict) -> torch.Tensor:
    return masked_mean(verdict.scores, verdict.mask)


def _accuracy(real: Verdict, fake: Verdict) -> torch.Tensor:
    """Return the share of right guesses when the middle between the mean scores is the border; .5 is chance."""
    border = (_mean_score(real) + _mean_score(fake)) / 2
    on_real = masked_mean((real.scores > border).float(), real.mask)
    on_fake = masked_mean((fake.scores < border).float(), fake.mask)
    return (on_real + on_fake) / 2
