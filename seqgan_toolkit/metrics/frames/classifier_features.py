"""Every figure that is read off two sets of a classifier's features."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.frechet import frechet_measurement
from seqgan_toolkit.metrics.manifold import FEWEST, Manifold
from seqgan_toolkit.metrics.manifold import VERSION as MANIFOLD_VERSION
from seqgan_toolkit.metrics.mmd import mmd2_measurement, polynomial_kernels
from seqgan_toolkit.metrics.real_data import as_many

VERSION = 1
MOST_IN_KERNELS = 2000
MOST_NEIGHBOURS = 5000
"""Sequences a side: these figures cost the square of them."""


def feature_measurements(features: torch.Tensor, real: torch.Tensor, split: str) -> dict[str, Measurement]:
    """Compare the features of samples with those of as many real sequences: `neighbour_measurements` and `frechet`.

    Args:
        features: float [N, D], of the samples.
        real: float [M, D], of real sequences.
        split: the split that the real ones are of, for the notes.
    """
    some, others = as_many(features, real)
    frechet = frechet_measurement(some.double().numpy(), others.double().numpy(), version=VERSION, split=split)
    return {"frechet": frechet, **neighbour_measurements(features, real, split)}


def neighbour_measurements(features: torch.Tensor, real: torch.Tensor, split: str) -> dict[str, Measurement]:
    """Return `kid`, `precision`, `recall`, `density` and `coverage` of as many samples as real sequences."""
    return {
        "kid": _kid(*as_many(features, real, MOST_IN_KERNELS), split),
        **_manifold(*as_many(features, real, MOST_NEIGHBOURS), split),
    }


def _kid(features: torch.Tensor, real: torch.Tensor, split: str) -> Measurement:
    return mmd2_measurement(polynomial_kernels(features, real), version=VERSION, note=_note(features, split))


def _manifold(features: torch.Tensor, real: torch.Tensor, split: str) -> dict[str, Measurement]:
    if len(features) < FEWEST:
        missing = Measurement(None, None, MANIFOLD_VERSION, True, f"needs at least {FEWEST} samples")
        return dict.fromkeys(("precision", "recall", "density", "coverage"), missing)
    return Manifold.of(features, real).measurements(_note(features, split))


def _note(features: torch.Tensor, split: str) -> str:
    return f"{len(features)} samples against as many of the {split} split"
