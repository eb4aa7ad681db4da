"""Samples of a language model that writes sentences from their end."""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.backward import BackwardGenerator, from_the_end
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch


class BackwardSampler:
    """Runs a backward generator freely.

    Args:
        generator: the generator.
        max_length: steps after which a sequence is cut, its end token included; what is missing then is its beginning.
    """

    def __init__(self, generator: BackwardGenerator, max_length: int) -> None:
        self.sampler, self.end = TokenSampler(generator.reader, max_length), generator.space.end

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw hard tokens int64 [rows, T] in their reading order; see `TokenSampler.sample`."""
        return from_the_end(self.sampler.sample(labels, rows, draws, strategy), self.end)
