"""What every token of a generated sequence is credited with."""

from __future__ import annotations

from typing import Protocol

import torch

from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.policy import Drawn
from seqgan_toolkit.objectives.estimators.worth import SCALES, Rank, Realness, Scale, score
from seqgan_toolkit.objectives.losses import sequence_means
from seqgan_toolkit.objectives.whole_batch import whole_batch
from seqgan_toolkit.sampling.rollouts import RollOuts


class Reward(Protocol):
    """Credits tokens; it is called without a gradient."""

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return what every step is worth [B, T], with all that it brings later; 0 on padding."""
        ...


class RolledOut:
    """The mean worth of completions of the prefix that ends with the token; for the last one its own sequence's.

    SeqGAN (Yu et al. 2017, equation 4).

    Args:
        worth: what whole sequences are worth.
        rollouts: what completes prefixes.
    """

    def __init__(self, worth: Realness | Rank, rollouts: RollOuts) -> None:
        self.worth, self.rollouts = worth, rollouts

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T]."""
        batch, worth = drawn.batch, self.worth.of_turn(turn)
        rewards = torch.zeros_like(batch.mask, dtype=torch.float32)
        rewards[torch.arange(len(batch), device=rewards.device), batch.lengths - 1] = score(batch, turn, worth)
        for part in self.rollouts.complete(batch, drawn.noise, turn.draws):
            # Each goes where its row and step say, in whatever order the completions come.
            share = score(part.batch, turn, worth) / self.rollouts.num_rollouts
            rewards.index_put_((part.rows, part.steps), share, accumulate=True)
        return rewards


class WholeSequence:
    """The worth of the whole sequence, at every step.

    Args:
        worth: what whole sequences are worth.
    """

    def __init__(self, worth: Realness | Rank) -> None:
        self.worth = worth

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T]."""
        values = score(drawn.batch, turn, self.worth.of_turn(turn))
        return values[:, None] * drawn.batch.mask


class Dense:
    """The discounted sum of this and all later steps' own scores (ScratchGAN, d'Autume et al. 2019).

    A step's score must not have seen later steps: else a token would go without the credit for what it does to the
    scores before it.

    Args:
        scale: the scale of the scores.
        discount: the weight of a step for the one before it.
    """

    def __init__(self, scale: Scale, discount: float) -> None:
        self.scale, self.discount = SCALES[scale], discount

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T]."""
        # Those of the steps come last, after the whole sequence's.
        own = self.scale(turn.judge(drawn.batch).scores[:, -drawn.batch.num_steps :]) * drawn.batch.mask
        total, totals = torch.zeros_like(own[:, 0]), []
        for reward in reversed(own.unbind(1)):
            total = reward + self.discount * total
            totals.append(total)
        return torch.stack(totals[::-1], dim=1) * drawn.batch.mask


class Constant:
    """1 at every step, whatever the discriminator says: the control of all the others."""

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T]."""
        return drawn.batch.mask.float()


class ImportanceWeights:
    """The importance weights D / (1 - D) over their mean in the batch, less 1 (MaliGAN, Che et al. 2017).

    They turn the generator's sequences into the data's, so far as the discriminator knows it. The mean makes them
    biased, by a share that falls with the size of the batch.
    """

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T]."""
        verdict = turn.judge(drawn.batch)
        odds = sequence_means(verdict.scores, verdict.mask).double().exp()
        weights = (odds / whole_batch(odds).mean() - 1).float()
        return weights[:, None] * drawn.batch.mask
