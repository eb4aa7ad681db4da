"""Whether samples lie where real data lie, and whether they reach all of it: by the nearest neighbours of features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch

from seqgan_toolkit.metrics.base import Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.distances import row_blocks, squared_distances

VERSION = 1
RECALL_NEIGHBOURS = 3
"""Of precision and recall, as in Kynkäänniemi et al. (2019)."""
COVERAGE_NEIGHBOURS = 5
"""Of density and coverage, as in Naeem et al. (2020)."""
FEWEST = COVERAGE_NEIGHBOURS + 1


@dataclass(frozen=True)
class Manifold:
    """Which of N samples and M real points lie in whose ball. A ball reaches to a point's k-th nearest of its own kind.

    Attributes:
        precise: bool [N], the sample is in the ball (k = 3) of a real point.
        dense: float64 [N], in how many balls (k = 5) of real points it is, over 5.
        recalled: bool [M], the real point is in the ball (k = 3) of a sample.
        covered: bool [M], the ball (k = 5) of the real point holds a sample.
    """

    precise: torch.Tensor
    dense: torch.Tensor
    recalled: torch.Tensor
    covered: torch.Tensor

    @classmethod
    def of(cls, samples: torch.Tensor, real: torch.Tensor) -> Self:
        """Compare the features of samples [N, D] with those of real data [M, D], N and M 6 at least."""
        samples, real = samples.double(), real.double()
        real_small, real_large = squared_radii(real, (RECALL_NEIGHBOURS, COVERAGE_NEIGHBOURS))
        (own,) = squared_radii(samples, (RECALL_NEIGHBOURS,))
        precise, dense = [], []
        recalled = covered = torch.zeros(len(real), dtype=torch.bool)
        for rows in row_blocks(len(samples)):
            squared = squared_distances(samples[rows], real)
            inside = squared <= real_large
            precise.append((squared <= real_small).any(1))
            dense.append(inside.double().sum(1) / COVERAGE_NEIGHBOURS)
            recalled = recalled | (squared <= own[rows, None]).any(0)
            covered = covered | inside.any(0)
        return cls(torch.cat(precise), torch.cat(dense), recalled, covered)

    def measurements(self, note: str) -> dict[str, Measurement]:
        """Return precision and density, which are means over samples, and recall and coverage, over real points."""

        def of(hits: torch.Tensor) -> Measurement:
            return share(int(hits.sum()), len(hits), version=VERSION, note=note)

        density = mean_with_interval(self.dense, version=VERSION, higher_is_better=True, note=note)
        return {
            "precision": of(self.precise),
            "recall": of(self.recalled),
            "density": density,
            "coverage": of(self.covered),
        }


def squared_radii(points: torch.Tensor, neighbours: tuple[int, ...]) -> list[torch.Tensor]:
    """Return, for each k, the squared distance [N] of every point [N, D] to its k-th nearest other point."""
    nearest = []
    for rows in row_blocks(len(points)):
        squared = squared_distances(points[rows], points)
        squared[torch.arange(len(squared)), torch.arange(rows.start, rows.stop)] = torch.inf
        nearest.append(squared.topk(max(neighbours), dim=1, largest=False).values)
    ordered = torch.cat(nearest)
    return [ordered[:, k - 1] for k in neighbours]
