"""The seam between whoever wants sequences and whatever makes them."""

from __future__ import annotations

from typing import Protocol

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sequences import SequenceBatch, SequenceSpace, TokenSpace, concatenate


class Sampler(Protocol):
    """Runs one kind of generator freely."""

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, *, temperature: float = 1.0
    ) -> SequenceBatch:
        """Draw `rows` sequences for labels int64 [rows] (or None)."""
        ...


@torch.no_grad()
def sample_many(
    sampler: Sampler,
    space: SequenceSpace,
    labels: torch.Tensor | None,
    rows: int,
    draws: Draws,
    *,
    temperature: float = 1.0,
    chunk: int = 512,
) -> SequenceBatch:
    """Draw any number of sequences in chunks of bounded memory, without a gradient."""
    parts = []
    for first in range(0, rows, chunk):
        size = min(chunk, rows - first)
        wanted = None if labels is None else labels[first : first + size].to(draws.device)
        parts.append(sampler.sample(wanted, size, draws, temperature=temperature).to("cpu"))
    return concatenate(parts, space.pad if isinstance(space, TokenSpace) else space.low)
