"""What a discriminator's verdict on a whole sequence is worth: the rewards of a policy are made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch.nn.functional import normalize

from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.losses import sequence_means
from seqgan_toolkit.objectives.whole_batch import whole_batch
from seqgan_toolkit.sequences import SequenceBatch

AT_ONCE = 1024
"""Sequences that the discriminator scores at once."""

Scale = Literal["probability", "centred", "logit"]
SCALES: dict[Scale, Callable[[torch.Tensor], torch.Tensor]] = {
    "probability": torch.sigmoid,
    "centred": lambda scores: 2 * torch.sigmoid(scores) - 1,
    "logit": lambda scores: scores,
}
"""From scores to rewards. A probability is one where the discriminator learns by a logistic loss."""

Worth = Callable[[Verdict], torch.Tensor]
"""From the verdict on P sequences to what each is worth, [P]."""


class Realness:
    """How real a sequence looks: the mean of its scores on a scale.

    Args:
        scale: the scale.
    """

    def __init__(self, scale: Scale) -> None:
        self.scale = SCALES[scale]

    def of_turn(self, turn: Turn) -> Worth:
        """Return the worth of verdicts in this turn."""
        return lambda verdict: sequence_means(self.scale(verdict.scores), verdict.mask)


class Rank:
    """The ranking reward of RankGAN (Lin et al. 2017).

    With the cosine a(s|u) of the features of a sequence s and of a real reference u (equation 4), the rank of s among
    real sequences C is exp(gamma a(s|u)) / sum of exp(gamma a(s'|u)) over s' in C and s (5), and its mean over the
    references is the reward (6). The references are the first real sequences of the discriminator's last step, and C
    holds the others.

    Args:
        gamma: the inverse temperature of the ranks.
        num_references: how many references.
    """

    def __init__(self, gamma: float, num_references: int) -> None:
        self.gamma, self.num_references = gamma, num_references

    def of_turn(self, turn: Turn) -> Worth:
        """Return the worth of verdicts in this turn."""
        real = normalize(whole_batch(turn.judge(turn.real).features), dim=-1)
        references, compared = real[: self.num_references], real[self.num_references :]
        others = (self.gamma * compared @ references.T).logsumexp(0)

        def worth(verdict: Verdict) -> torch.Tensor:
            own = self.gamma * normalize(verdict.features, dim=-1) @ references.T
            return torch.sigmoid(own - others).mean(-1)  # exp(own) / (exp(own) + exp(others))

        return worth


def score(batch: SequenceBatch, turn: Turn, worth: Worth) -> torch.Tensor:
    """Return what every sequence is worth [P], scored a bounded number at once, each no longer than it must be."""
    found = []
    for first in range(0, len(batch), AT_ONCE):
        part = batch.rows(slice(first, first + AT_ONCE))
        values = part.values[:, : int(part.lengths.max())]
        found.append(worth(turn.judge(SequenceBatch(values, part.lengths, part.labels))))
    return torch.cat(found)
