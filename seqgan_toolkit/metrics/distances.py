"""Distances between many points, by matrix products."""

from __future__ import annotations

from collections.abc import Iterator

import torch

BLOCK = 1000
"""Rows whose distances to all other points are held at once."""


def squared_distances(points: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return the squared Euclidean distances [N, M] of points [N, D] to others [M, D].

    They are exact to the rounding of the norms, not of the differences: a point may be a little off itself.
    """
    norms = points.square().sum(1)[:, None] + others.square().sum(1)
    return torch.addmm(norms, points, others.T, alpha=-2).clamp_(min=0)


def row_blocks(count: int, size: int = BLOCK) -> Iterator[slice]:
    """Yield the slices of so many rows that bound the memory of a matrix of distances."""
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))
