"""A discriminator of what goes on inside a generator: of latents (TimeGAN) or of hidden states (professor forcing)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.parts import frozen, without_dropout
from seqgan_toolkit.models.spectral_norm import switch_power_iteration
from seqgan_toolkit.objectives.losses import masked_mean
from seqgan_toolkit.sequences import SequenceBatch, concatenate
from seqgan_toolkit.training.optimizers import Descent

Rests = Callable[[float, float], bool]
"""Whether a discriminator of a loss (nats) and an accuracy (a share) has learnt enough for now."""


class HiddenCritic:
    """Tells real sequences of vectors from one or several kinds of generated ones, and rests when it can.

    Each kind counts as much as the real ones.

    Args:
        discriminator: judges sequences of vectors.
        descent: its optimiser.
        dropout: the stream of its dropout masks.
        rests: given loss and accuracy, whether it takes no step.
        autocast: whether the network runs in bfloat16.
    """

    def __init__(
        self, discriminator: Discriminator, descent: Descent, *, dropout: Draws, rests: Rests, autocast: bool
    ) -> None:
        self.discriminator, self.descent, self.dropout = discriminator, descent, dropout
        self.rests, self.autocast = rests, autocast

    def learn(self, real: SequenceBatch, generated: list[SequenceBatch], done: float) -> dict[str, float]:
        """Take one step, unless it rests.

        Args:
            real: vectors [B, T, D] of real sequences.
            generated: generated ones of each kind, as many, cut from the generator's graph.
            done: the share of the phase that is behind.

        Returns:
            Its loss, its accuracy before the step (the share of right signs) and whether it learnt, 0 or 1.
        """
        self.discriminator.train()
        verdicts = self._judge([real, *generated])
        signs = [-1.0, *[1.0] * len(generated)]
        losses, wrong = [], []
        for (scores, mask), sign in zip(verdicts, signs, strict=True):
            losses.append(masked_mean(functional.softplus(sign * scores), mask))
            wrong.append(masked_mean((sign * scores >= 0).float(), mask))
        loss = torch.stack(losses).sum()
        accuracy = 1 - (wrong[0] + torch.stack(wrong[1:]).mean()) / 2
        values = self.descent.ranks.means({"discriminator/loss": loss, "discriminator/accuracy": accuracy})
        learns = not self.rests(*values.values())
        if learns:
            self.descent.step(loss, "discriminator", done)
        return {**values, "discriminator/learns": float(learns)}

    def fooled(self, generated: list[SequenceBatch]) -> torch.Tensor:
        """Return the loss of a generator of each kind of sequences that wants them to pass as real."""
        switch_power_iteration(self.discriminator, on=False)
        with frozen(self.discriminator), without_dropout(self.discriminator):
            verdicts = self._judge(generated)
        return torch.stack([masked_mean(functional.softplus(-scores), mask) for scores, mask in verdicts]).sum()

    def _judge(self, batches: list[SequenceBatch]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return scores [B, S] and mask [B, S] of each batch, all judged in one pass."""
        kinds, joined = len(batches), concatenate(batches, self.discriminator.padding)
        precision = torch.autocast(joined.values.device.type, torch.bfloat16, enabled=self.autocast)
        with self.dropout.in_blocks(kinds), precision:
            verdict = self.discriminator(joined)
        return list(zip(verdict.scores.float().chunk(kinds), verdict.mask.chunk(kinds), strict=True))
