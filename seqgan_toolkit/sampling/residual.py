"""Samples of a residual model, by importance resampling among proposals of its generator."""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.energy import ResidualEnergy
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sampling.tokens import invert
from seqgan_toolkit.sequences import SequenceBatch


class ResidualSampler:
    """For each sequence, K proposals, of which one is chosen with probability proportional to exp(tilt).

    It is biased towards the generator, the more so the fewer proposals there are (Deng et al. 2020, section 3.3): at
    K = 1 it is the generator, and the bias falls as 1/K where the weights have a variance. The effective number of
    proposals, 1 / sum of squared shares, says how many of them really stand for choice.

    Args:
        proposals: runs the generator.
        energy: tilts its distribution.
        num_proposals: K.
    """

    def __init__(self, proposals: Sampler, energy: ResidualEnergy, num_proposals: int) -> None:
        self.proposals, self.energy, self.num_proposals = proposals, energy, num_proposals
        self.effective_proposals = float("nan")
        """The mean effective number of proposals in the last call."""

    @torch.no_grad()
    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw `rows` sequences for labels [rows]; `strategy` is that of the proposals."""
        count = self.num_proposals
        repeated = None if labels is None else labels.repeat_interleave(count)
        batch = self.proposals.sample(repeated, rows * count, draws, strategy)
        shares = torch.softmax(self.energy(batch).view(rows, count), dim=-1)
        self.effective_proposals = float((1 / shares.square().sum(-1)).mean())
        chosen = invert(shares, draws.uniform(rows, 1).double())
        return batch.rows(torch.arange(rows, device=chosen.device) * count + chosen)

    def describe(self) -> str:
        """Say what the last call chose among."""
        return f"each chosen among {self.num_proposals} proposals, of which {self.effective_proposals:.1f} count"
