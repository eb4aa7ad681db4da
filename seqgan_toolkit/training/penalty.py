"""The discriminator's gradient penalty in one of its steps, as the recipe asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.models.energy import Scorer
from seqgan_toolkit.models.parts import without_dropout
from seqgan_toolkit.objectives.penalties import (
    exact_penalty,
    finite_difference_penalty,
    interpolated,
    unit_norm_penalty,
)
from seqgan_toolkit.objectives.schedules import towards
from seqgan_toolkit.sequences import length_mask
from seqgan_toolkit.training.embedded import Embedded


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


def gradient_penalty(
    settings: PenaltySettings,
    discriminator: Scorer,
    seen: Embedded,
    scored: Verdict | None,
    *,
    dropout: Draws,
    masks: dict[str, Any],
    draws: Draws,
) -> torch.Tensor:
    """Return the penalty, R1 + R2 or WGAN-GP, in float32.

    Args:
        settings: those of this step.
        discriminator: the network.
        seen: real sequences followed by as many generated ones.
        scored: the verdict on them where it was taken in float32.
        dropout: the stream of the network's dropout and random windows.
        masks: where it stood before that verdict: both ends of a difference have the same masks.
        draws: the stream of the finite differences and of the points between real and generated.
    """
    if settings.kind == "wgan_gp":
        with dropout.in_blocks(1):
            return _between(settings.gamma, discriminator, seen, draws)

    def judge(moved: torch.Tensor) -> Verdict:
        dropout.load_state_dict(masks)
        return discriminator.judge(moved.float(), seen.lengths, seen.labels)

    # Real and generated sequences are penalised in one pass: twice its mean is R1 + R2.
    if settings.backend == "exact":
        return 2 * exact_penalty(judge, seen.inputs, seen.mask, settings.gamma)
    # What bfloat16 rounds off is larger than a small difference: both of its ends are scored in float32.
    scored = judge(seen.inputs) if scored is None else scored
    return 2 * finite_difference_penalty(judge, scored, seen.inputs, seen.mask, settings.gamma, settings.sigma, draws)


def _between(gamma: float, discriminator: Scorer, seen: Embedded, draws: Draws) -> torch.Tensor:
    # One share for a real sequence and the generated one beside it, so half of what is drawn for both.
    share = draws.uniform(len(seen.inputs)).chunk(2)[0]
    between, lengths = interpolated(seen.inputs.float(), seen.lengths, share)
    labels = None if seen.labels is None else seen.labels.chunk(2)[0]
    mask = length_mask(lengths, between.shape[1])
    # No dropout: they are other sequences than those whose masks were drawn.
    with without_dropout(discriminator):
        return unit_norm_penalty(lambda values: discriminator.judge(values, lengths, labels), between, mask, gamma)
