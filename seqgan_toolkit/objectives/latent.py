"""What TimeGAN minimises beside the game (Yoon et al. 2019): errors of step networks, and the distance of moments.

All are of the batch of all processes together, since roots and moments are no means over sequences.
"""

from __future__ import annotations

import torch

from seqgan_toolkit.objectives.losses import sequence_means
from seqgan_toolkit.objectives.whole_batch import whole_batch

TINY = 1e-8


def root(error: torch.Tensor) -> torch.Tensor:
    """Return the square root, with a slope at zero that has an end."""
    return (error + TINY).sqrt()


def squared_error(made: torch.Tensor, wanted: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean over sequences of the mean squared error of their steps, for [B, T, D] and a mask [B, T]."""
    errors = (made.float() - wanted.float()).square().mean(-1)
    return whole_batch(sequence_means(errors, mask)).mean()


def next_step_error(predicted: torch.Tensor, latents: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the squared error of what follows each latent [B, T, D], predicted [B, T, D] there (equation 9).

    A sequence of one step has nothing that follows, and an error of 0.
    """
    errors = (predicted[:, :-1].float() - latents[:, 1:].float()).square().mean(-1)
    followed = mask[:, 1:]
    each = (errors * followed).sum(1) / followed.sum(1).clamp(min=1)
    return whole_batch(each).mean()


def moment_distance(made: torch.Tensor, real: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute difference of means plus that of standard deviations, for each step and value.

    It is in the published code and not in the paper.

    Args:
        made: generated frames [B, T, F].
        real: real frames [B, T, F].
        mask: bool [B, T], true on the steps of both.
    """
    mask = whole_batch(mask.float())
    counts = mask.sum(0)
    moments = [_moments(whole_batch(frames.float()), mask, counts) for frames in (made, real)]
    differences = torch.stack([(first - second).abs() for first, second in zip(*moments, strict=True)]).sum(0)
    # Steps that no sequence of the batch reaches have no moments.
    return differences[counts > 0].mean()


def _moments(frames: torch.Tensor, mask: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    weights = mask[..., None]
    counts = counts[:, None].clamp(min=1)
    mean = (frames * weights).sum(0) / counts
    variance = ((frames - mean).square() * weights).sum(0) / counts
    return mean, root(variance)
