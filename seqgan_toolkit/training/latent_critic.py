"""The discriminator's side of TimeGAN's game, which is played in the latent space."""

from __future__ import annotations

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.parts import frozen, without_dropout
from seqgan_toolkit.models.spectral_norm import switch_power_iteration
from seqgan_toolkit.objectives.losses import masked_mean
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.training.optimizers import Descent


class LatentCritic:
    """A discriminator of latents: real ones, and generated ones before and after the supervisor.

    Both kinds of generated latents count as much as the real ones, each for itself (gamma = 1 in the published code;
    the paper has only one kind). It rests while its loss is small, as in that code, for the generator to catch up.

    Args:
        discriminator: judges sequences of latents.
        descent: its optimiser.
        dropout: the stream of its dropout masks.
        floor: it takes no step where its loss, a sum of three cross-entropies in nats, is not above this.
    """

    def __init__(self, discriminator: Discriminator, descent: Descent, *, dropout: Draws, floor: float) -> None:
        self.discriminator, self.descent, self.dropout, self.floor = discriminator, descent, dropout, floor

    def learn(
        self, real: torch.Tensor, generated: list[torch.Tensor], like: SequenceBatch, done: float
    ) -> dict[str, float]:
        """Take one step on latents [B, T, D], unless it has learnt enough.

        Args:
            real: latents of `like`.
            generated: generated latents of each kind.
            like: real sequences, whose lengths and labels all latents have.
            done: the share of the phase that is behind.
        """
        self.discriminator.train()
        scores, mask = self._judge([real, *generated], like)
        losses = [functional.softplus(-scores[0]), *functional.softplus(scores[1:])]
        loss = torch.stack([masked_mean(each, mask) for each in losses]).sum()
        value = float(self.descent.ranks.mean(loss))
        learns = not value <= self.floor  # a loss that is no number goes to the descent, which stops the run
        if learns:
            self.descent.step(loss, "discriminator", done)
        return {"discriminator/loss": value, "discriminator/learns": float(learns)}

    def fooled(self, generated: list[torch.Tensor], like: SequenceBatch) -> torch.Tensor:
        """Return the loss of a generator of latents [B, T, D] of each kind that wants them to pass as real."""
        switch_power_iteration(self.discriminator, on=False)
        with frozen(self.discriminator), without_dropout(self.discriminator):
            scores, mask = self._judge(generated, like)
        return torch.stack([masked_mean(functional.softplus(-each), mask) for each in scores]).sum()

    def _judge(self, latents: list[torch.Tensor], like: SequenceBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the scores [K, B, S] of K kinds of latents, judged in one pass, and the mask [B, S] of each kind."""
        kinds = len(latents)
        labels = None if like.labels is None else like.labels.repeat(kinds)
        with self.dropout.in_blocks(kinds):
            verdict = self.discriminator(SequenceBatch(torch.cat(latents), like.lengths.repeat(kinds), labels))
        return verdict.scores.float().unflatten(0, (kinds, -1)), verdict.mask.unflatten(0, (kinds, -1))[0]
