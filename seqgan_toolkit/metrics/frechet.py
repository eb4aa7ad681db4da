"""The Fréchet distance between two sets of features, each taken for a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution.

    Attributes:
        mean: float64 [D].
        covariance: float64 [D, D].
    """

    mean: Features
    covariance: Features

    @classmethod
    def fit(cls, features: npt.NDArray[np.floating]) -> Self:
        """Return the Gaussian with the mean and the unbiased covariance of features [N, D], N at least 2."""
        values = features.astype(np.float64)
        return cls(values.mean(0), np.atleast_2d(np.cov(values, rowvar=False)))


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """Return the squared Fréchet (2-Wasserstein) distance of two Gaussians.

    It is |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2) (Dowson and Landau 1982), the form that Heusel et al.
    (2017) use with Inception features. The root is taken of a symmetric product, so its eigenvalues are real.
    """
    root = _symmetric_root(one.covariance)
    eigenvalues = np.linalg.eigvalsh(root @ other.covariance @ root)
    trace_of_root = np.sqrt(eigenvalues.clip(min=0)).sum()
    shift = ((one.mean - other.mean) ** 2).sum()
    distance = shift + np.trace(one.covariance) + np.trace(other.covariance) - 2 * trace_of_root
    return float(max(distance, 0.0))


def _symmetric_root(matrix: Features) -> Features:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(eigenvalues.clip(min=0))) @ vectors.T)
