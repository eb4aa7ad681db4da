"""Rejection: of many sequences, those that the discriminator takes for real most readily."""

from __future__ import annotations

import math

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.sampling.base import Sampler, by_label, sample_many
from seqgan_toolkit.sampling.scoring import mean_scores
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace


class RejectionSampler:
    """Draws more sequences than are wanted and keeps those of the highest score, within each label, best first.

    What is kept follows no distribution that is known: it is a choice of good samples, and less varied.

    Args:
        sampler: draws the sequences.
        discriminator: scores them, in evaluation mode.
        share: how many of them are kept, in (0, 1].
    """

    def __init__(self, sampler: Sampler, discriminator: Discriminator, share: float) -> None:
        self.sampler, self.discriminator, self.share = sampler, discriminator, share
        self.space = discriminator.space
        self.group_size = max(1, discriminator.group_size)

    @torch.no_grad()
    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Return the best of what is drawn, and print the acceptance rate and the mean scores."""
        kept, drawn = list[torch.Tensor](), list[torch.Tensor]()

        def best(label: torch.Tensor | None, count: int) -> SequenceBatch:
            num = self._num_to_draw(count)
            batch = sample_many(
                self.sampler, self.space, None if label is None else label.expand(num), num, draws, strategy
            )
            drawn.append(mean_scores(self.discriminator, batch, draws.device))
            highest, places = drawn[-1].topk(count)
            kept.append(highest)
            return batch.rows(places)

        pad = self.space.pad if isinstance(self.space, TokenSpace) else self.space.low
        batch = by_label(labels, rows, pad, best)
        of_kept, of_all = torch.cat(kept), torch.cat(drawn)
        say(
            f"kept the best {rows} of {len(of_all)} by the discriminator's score (acceptance "
            f"{rows / len(of_all):.3f}); mean score {of_kept.mean():.3f}, of all {of_all.mean():.3f}"
        )
        return batch

    def _num_to_draw(self, count: int) -> int:
        """Return how many sequences must be drawn for `count` to be the share, in whole groups."""
        # A share of 1/3 must not ask for a fourth sequence because of its rounding.
        return math.ceil(math.ceil(count / self.share - 1e-9) / self.group_size) * self.group_size
