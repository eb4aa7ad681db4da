"""The seam between whoever wants sequences and whatever makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch, SequenceSpace, TokenSpace, concatenate


class Sampler(Protocol):
    """Runs one kind of generator freely."""

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw `rows` sequences for labels int64 [rows] (or None)."""
        ...


@torch.no_grad()
def sample_many(
    sampler: Sampler,
    space: SequenceSpace,
    labels: torch.Tensor | None,
    rows: int,
    draws: Draws,
    strategy: Strategy = PLAIN,
    *,
    chunk: int = 512,
) -> SequenceBatch:
    """Draw any number of sequences in chunks of bounded memory, without a gradient."""
    parts = []
    for first in range(0, rows, chunk):
        size = min(chunk, rows - first)
        wanted = None if labels is None else labels[first : first + size].to(draws.device)
        parts.append(sampler.sample(wanted, size, draws, strategy).to("cpu"))
    return concatenate(parts, space.pad if isinstance(space, TokenSpace) else space.low)


def by_label(
    labels: torch.Tensor | None, rows: int, pad: float, make: Callable[[torch.Tensor | None, int], SequenceBatch]
) -> SequenceBatch:
    """Make the sequences of each label together, and return them in the order of the rows.

    Args:
        labels: int64 [rows], or None.
        rows: how many sequences.
        pad: what stands behind a sequence's end.
        make: returns so many sequences of one label int64 [1]; of none where it is None.
    """
    if labels is None:
        return make(None, rows)
    counts = labels.bincount()
    made = [make(label, int(counts[label])) for label in counts.nonzero()]
    return concatenate(made, pad).rows(labels.argsort(stable=True).argsort())
