"""Gradient penalties, each the mean over sequences of a function of one sequence's own gradient.

R1 and R2 (Mescheder et al. 2018; Huang et al. 2024) are gamma / 2 times the squared norm of the score's gradient with
respect to the embedded sequence, on real and on generated sequences: the caller passes either or both. WGAN-GP
(Gulrajani et al. 2017) holds the norm at 1 between the two.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.losses import sequence_means

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
    return gamma / 2 * _squared_gradients(judge, inputs, mask).mean()


def unit_norm_penalty(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor, gamma: float) -> torch.Tensor:
    """Return WGAN-GP's penalty, gamma (norm - 1)^2 with the norm of each sequence's gradient, by double backward.

    Args:
        judge: the discriminator; scores of one sequence are averaged before the gradient is taken.
        inputs: [B, T, I], embedded sequences, those of `interpolated`.
        mask: bool [B, T], true on steps that are not padding.
        gamma: the strength, lambda in the paper.
    """
    # The root of zero has no finite gradient.
    norms = (_squared_gradients(judge, inputs, mask) + 1e-12).sqrt()
    return gamma * (norms - 1).square().mean()


def interpolated(inputs: torch.Tensor, lengths: torch.Tensor, share: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points between real and generated sequences, row by row, and their lengths.

    A point has the steps that both of its ends have, so that no step is a mixture with padding.

    Args:
        inputs: [2 B, T, I], embedded real sequences followed by as many generated ones.
        lengths: int64 [2 B].
        share: [B], the share of the generated end, in [0, 1].
    """
    real, fake = inputs.chunk(2)
    return torch.lerp(real, fake, share[:, None, None]), torch.minimum(*lengths.chunk(2))


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
    moved = judge(inputs + sigma * direction)
    difference = (sequence_means(moved.scores, moved.mask) - sequence_means(scored.scores, scored.mask)).float()
    return gamma / 2 * difference.square().mean() / sigma**2


def _squared_gradients(judge: Judge, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the squared norm of the gradient of each sequence's mean score, [B], or of each pack's."""
    leaf = inputs.detach().requires_grad_(True)
    # cuDNN has no double backward for recurrent networks; elsewhere the flag changes nothing.
    with torch.backends.cudnn.flags(enabled=False):
        verdict = judge(leaf)
        scores = sequence_means(verdict.scores, verdict.mask)
        (gradient,) = torch.autograd.grad(scores.sum(), leaf, create_graph=True)
    squared: torch.Tensor = (gradient * mask[..., None]).square().sum(dim=(1, 2))
    # Sequences that are judged as one have one gradient.
    return squared.view(len(scores), -1).sum(1)
