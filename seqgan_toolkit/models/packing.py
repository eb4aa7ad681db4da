"""Neighbours judged as one, so that a discriminator sees whether they differ (PacGAN, Lin et al. 2018)."""

from __future__ import annotations

import torch

from seqgan_toolkit.sequences import length_mask


def pack(
    inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None, size: int, padding: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Join each `size` neighbours step by step, frame beside frame.

    Args:
        inputs: [B, T, I].
        lengths: int64 [B].
        labels: int64 [B], alike within a pack, or None.
        size: sequences in a pack, of which B is a multiple.
        padding: what stands behind the end of a sequence where another one of its pack goes on.

    Returns:
        Packs [B / size, T, size I], the length of the longest sequence of each, and its label.
    """
    rows, steps, dim = inputs.shape
    inputs = torch.where(length_mask(lengths, steps)[..., None], inputs, padding)
    packs = inputs.view(rows // size, size, steps, dim).transpose(1, 2).flatten(2)
    return packs, lengths.view(-1, size).amax(1), None if labels is None else labels[::size]
