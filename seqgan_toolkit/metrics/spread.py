"""How much the sequences of a class differ from one another: what a collapse within classes takes away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

MOST_OF_A_CLASS = 400
"""Sequences of a class whose pairs are measured."""


@dataclass(frozen=True)
class ClassDistances:
    """The Euclidean distances of all pairs within each class of a sample.

    Attributes:
        members: for each class the indices of its members in the sample, int64 [n].
        distances: for each class float64 [n, n].
    """

    members: tuple[npt.NDArray[np.int64], ...]
    distances: tuple[npt.NDArray[np.float64], ...]

    @classmethod
    def of(cls, frames: torch.Tensor, labels: torch.Tensor, num_classes: int) -> Self:
        """Measure a sample.

        Args:
            frames: float [N, T, F], padding set to one value.
            labels: int64 [N]; sequences with a label below 0 belong to no class.
            num_classes: how many classes there are.
        """
        members = [torch.nonzero(labels == label)[:MOST_OF_A_CLASS, 0] for label in range(num_classes)]
        flat = [frames[chosen].flatten(1).double() for chosen in members]
        # By matrix product: exact differences of 400 x 400 pairs of spectrograms would take gigabytes.
        distances = [torch.cdist(one, one, compute_mode="use_mm_for_euclid_dist").fill_diagonal_(0) for one in flat]
        return cls(tuple(chosen.numpy() for chosen in members), tuple(matrix.numpy() for matrix in distances))

    def means(self, kept: npt.NDArray[np.int64] | None = None) -> list[float | None]:
        """Return the mean distance of two different members of each class, None where it has fewer than two.

        Args:
            kept: the indices in the sample that count; None for all.
        """
        means: list[float | None] = []
        for members, distances in zip(self.members, self.distances, strict=True):
            inside = np.ones(len(members)) if kept is None else np.isin(members, kept).astype(np.float64)
            num_pairs = inside.sum() * (inside.sum() - 1)
            means.append(float(inside @ distances @ inside / num_pairs) if num_pairs else None)
        return means


def relative_spread(sample: list[float | None], real: list[float | None]) -> float | None:
    """Return the mean over classes of the sample's mean distance over the real data's.

    A class that the sample lacks counts as 0, so that leaving a class out never raises the figure; a class that
    the real data lack, or whose real members are all equal, is left out.
    """
    ratios = [(mine or 0.0) / theirs for mine, theirs in zip(sample, real, strict=True) if theirs]
    return sum(ratios) / len(ratios) if ratios else None
