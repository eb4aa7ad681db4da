"""Zero-centred gradient penalties R1 and R2 (Mescheder et al. 2018; Huang et al. 2024).

Both are gamma / 2 times the mean, over sequences, of the squared norm of the score's gradient with respect to the
embedded sequence. R1 is that on real, R2 on generated sequences: the caller passes either or both.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict

Judge = Callable[[torch.Tensor], Verdict]
"""A discriminator as a function of embedded sequences [B, T, I], its lengths and labels given."""


def exact_penalty(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor, gamma: float) -> torch.Tensor:
    """Return the penalty by double backward.

    Args:
        judge: the discriminator; scores of one sequence are averaged before the gradient is taken.
        inputs: [B, T, I], embedded sequences.
        mask: bool [B, T], true on steps that are not padding.
        gamma: the strength.
    """
    leaf = inputs.detach().requires_grad_(True)
    # cuDNN has no double backward for recurrent networks; elsewhere the flag changes nothing.
    with torch.backends.cudnn.flags(enabled=False):
        scores = _sequence_scores(judge(leaf))
        (gradient,) = torch.autograd.grad(scores.sum(), leaf, create_graph=True)
    squared: torch.Tensor = (gradient * mask[..., None]).square().sum(dim=(1, 2))
    return gamma / 2 * squared.mean()


def finite_difference_penalty(
    judge: Judge, scored: Verdict, inputs: torch.Tensor, mask: torch.Tensor, gamma: float, sigma: float, draws: Draws
) -> torch.Tensor:
    """Return the penalty estimated by one random finite difference (Adversarial Post-Training, 2025).

    (d(x + sigma e) - d(x))^2 / sigma^2 has the squared norm of the gradient as its mean over e ~ N(0, I), up to
    terms in sigma^2. It needs no double backward, so cuDNN, bfloat16 and compilation stay usable.

    Args:
        judge: the discriminator, with the dropout masks that made `scored`.
        scored: its verdict on `inputs`.
        inputs: [B, T, I], embedded sequences.
        mask: bool [B, T], true on steps that are not padding.
        gamma: the strength.
        sigma: the size of the difference, in the units of the inputs.
        draws: where the directions come from.
    """
    direction = draws.normal(*inputs.shape) * mask[..., None]
    # Both ends of the difference reach the embedding that made `inputs`: with one end cut off, its gradient would be
    # noise of the size 1 / sigma.
    moved = _sequence_scores(judge(inputs + sigma * direction))
    difference = (moved - _sequence_scores(scored)).float()
    return gamma / 2 * difference.square().mean() / sigma**2


def _sequence_scores(verdict: Verdict) -> torch.Tensor:
    return (verdict.scores * verdict.mask).sum(1) / verdict.mask.sum(1)
