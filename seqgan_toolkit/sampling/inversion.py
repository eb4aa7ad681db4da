"""What noise a generator would have made given sequences of, and how near to them it comes."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.models.frame_generator import FrameGenerator, FrameNoise
from seqgan_toolkit.models.parts import without_dropout
from seqgan_toolkit.sequences import SequenceBatch

SEARCHED = ("sequence", "steps", "frames")
"""The parts of the noise that are moved; the length is given."""
CANDIDATES = 16
"""Draws among which the search begins at the nearest."""
STEPS = 100
LR = 0.1


def inversion_errors(generator: FrameGenerator, batch: SequenceBatch, draws: Draws) -> torch.Tensor:
    """Return how far the nearest sequence that was found for each is from it, float [B] on the CPU.

    The noise is moved along the spheres that it lies on by gradient descent on the squared error; length and label are
    given. The distance is the root of the mean squared difference of the values.

    Args:
        generator: on the device of the draws, its weights without a gradient.
        batch: frames [B, T, F] with the labels of the generator.
        draws: where the search begins.
    """
    batch = batch.to(draws.device)
    target = fixed_steps(batch, generator.max_length, generator.space.low)
    given = SequenceBatch(target, batch.lengths.clamp(max=generator.max_length), batch.labels)
    was_training = generator.training
    generator.train()  # cuDNN has no backward in evaluation mode
    try:
        with without_dropout(generator):
            noise = _search(generator, given, _nearest_draw(generator, given, draws))
            return _errors(generator, given, noise).sqrt().cpu()
    finally:
        generator.train(was_training)


def _search(generator: FrameGenerator, given: SequenceBatch, start: FrameNoise) -> FrameNoise:
    parts = {name: getattr(start, name).clone().requires_grad_() for name in SEARCHED}
    optimizer = torch.optim.Adam(parts.values(), lr=LR)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = LR * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimizer.zero_grad(set_to_none=True)
        _errors(generator, given, _on_spheres(start, parts)).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return _on_spheres(start, {name: part.detach() for name, part in parts.items()})


@torch.no_grad()
def _nearest_draw(generator: FrameGenerator, given: SequenceBatch, draws: Draws) -> FrameNoise:
    """Return for each sequence the one of some draws that it comes nearest to."""
    drawn = [generator.draw_noise(draws, len(given)) for _ in range(CANDIDATES)]
    best = torch.stack([_errors(generator, given, noise) for noise in drawn]).argmin(0)
    rows = torch.arange(len(given), device=best.device)
    parts = {part.name: torch.stack([getattr(noise, part.name) for noise in drawn]) for part in fields(FrameNoise)}
    return FrameNoise(**{name: every[best, rows] for name, every in parts.items()})


def _on_spheres(noise: FrameNoise, parts: dict[str, torch.Tensor]) -> FrameNoise:
    return replace(noise, **{name: _on_sphere(part) for name, part in parts.items()})


def _on_sphere(noise: torch.Tensor) -> torch.Tensor:
    """Return noise [B, ...] of D numbers a row with the length sqrt(D), near which normal numbers lie."""
    flat = noise.flatten(1)
    return (functional.normalize(flat, dim=-1) * math.sqrt(flat.shape[1])).view_as(noise)


def _errors(generator: FrameGenerator, given: SequenceBatch, noise: FrameNoise) -> torch.Tensor:
    """Return the mean squared error [B] of what the noise becomes, over the steps and values of each sequence."""
    made = generator.make_long(noise, given.lengths, given.labels)
    squared = (made.values - given.values).square() * given.mask[..., None]
    return squared.sum((1, 2)) / (given.lengths * given.values.shape[2])
