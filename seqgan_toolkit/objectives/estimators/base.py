"""The seam between the game and the ways in which a generator gets its gradient from the discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.losses import Loss
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful


@dataclass(frozen=True)
class Turn:
    """What the generator has at hand when its turn comes.

    Attributes:
        real: the real sequences that the discriminator saw last.
        on_real: its verdict on them, cut from the graph.
        judge: the discriminator on other sequences, without dropout; a gradient reaches the sequences alone.
        objective: what the generator minimises, given the verdicts on real and on generated sequences.
        draws: the noise of the generator.
        done: the share of the phase that is behind.
    """

    real: SequenceBatch
    on_real: Verdict
    judge: Callable[[SequenceBatch], Verdict]
    objective: Loss
    draws: Draws
    done: float


class Estimator(Protocol):
    """Makes generated sequences, and the loss by which a gradient reaches the generator.

    Attributes:
        parts: whatever of its own changes from step to step (a baseline), by name.
    """

    parts: Mapping[str, Stateful]

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        """Draw `rows` sequences for labels [rows] when the share `done` of the phase is behind.

        With `gradient` they will be passed to `loss`; without it, only to the discriminator.
        """
        ...

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return what the generator minimises on the sequences `fake` of `sample`, and what is worth logging."""
        ...


def differentiable_loss(fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return the objective on sequences that carry the generator's gradient themselves."""
    return turn.objective(turn.on_real, turn.judge(fake)), {}
