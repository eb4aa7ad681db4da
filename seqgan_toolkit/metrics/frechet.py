"""The Fréchet distance between two sets of features, each taken for a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.jackknife import jackknife_interval

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


def frechet_measurement(
    features: npt.NDArray[np.floating], real: npt.NDArray[np.floating], *, version: int, split: str
) -> Measurement:
    """Return the Fréchet distance of samples to real sequences, with a jackknife interval.

    It falls with the number of either: only figures of equal numbers can be compared.

    Args:
        features: [N, D], of the samples.
        real: [M, D], of real sequences.
        version: of the features.
        split: the split that the real ones are of, for the note.
    """
    if len(features) < 2:
        return Measurement(None, None, version, False, "a covariance needs at least 2 samples")
    target, count = Gaussian.fit(real), len(features)

    def distance(kept: npt.NDArray[np.int64]) -> float:
        return frechet_distance(Gaussian.fit(features[kept]), target)

    value = distance(np.arange(count))
    note = f"{count} samples against {len(real)} of the {split} split"
    return Measurement(value, jackknife_interval(count, distance, value), version, False, note)


def _symmetric_root(matrix: Features) -> Features:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(eigenvalues.clip(min=0))) @ vectors.T)
