"""Sequences of frames as one vector each, whatever their length."""

from __future__ import annotations

import torch

from seqgan_toolkit.sequences import SequenceBatch


def pooled(batch: SequenceBatch) -> torch.Tensor:
    """Return the mean and the standard deviation over time of each value of a frame: [B, T, F] to float [B, 2F]."""
    mask = batch.mask[..., None]
    count = batch.lengths[:, None].to(batch.values.dtype)
    mean = (batch.values * mask).sum(dim=1) / count
    variance = ((batch.values - mean[:, None]).square() * mask).sum(dim=1) / count
    return torch.cat([mean, variance.sqrt()], dim=1)
