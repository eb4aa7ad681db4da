"""One score for each of many sequences, as a discriminator sees them."""

from __future__ import annotations

import math

import torch

from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.sequences import SequenceBatch

ROWS_AT_ONCE = 512
"""Sequences that are scored at once."""


@torch.no_grad()
def mean_scores(discriminator: Discriminator, batch: SequenceBatch, device: torch.device) -> torch.Tensor:
    """Return the mean score of each sequence, float [B], on the CPU.

    Args:
        discriminator: in evaluation mode, on the device, without packing.
        batch: whole groups of one label each, where it judges in groups.
        device: where it runs.
    """
    group_size = max(1, discriminator.group_size)
    size = math.ceil(ROWS_AT_ONCE / group_size) * group_size
    found = []
    for first in range(0, len(batch), size):
        verdict = discriminator(batch.rows(slice(first, first + size)).to(device))
        found.append((verdict.scores * verdict.mask).sum(1) / verdict.mask.sum(1))
    return torch.cat(found).cpu()
