"""The metrics of series: how far their statistics are from those of real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.real_data import part_of, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.series.statistics import (
    autocorrelation,
    cross_correlation,
    histogram,
    log_spectrum,
    projections,
    wasserstein,
)
from seqgan_toolkit.metrics.series.windows import WindowReader, Windows
from seqgan_toolkit.sequences import SequenceBatch

if TYPE_CHECKING:
    from seqgan_toolkit.domains.series.domain import SeriesDomain

VERSION = 2
MOST = 2000
"""Series a side."""

Statistic = Callable[[Windows], torch.Tensor]


class SeriesPanel:
    """Distances of series to held-out ones; 0 is equal, and what real series have is the floor.

    - `autocorrelation_distance`, `cross_correlation_distance`: mean absolute difference of the correlations.
    - `spectrum_distance`: mean absolute difference of the mean power spectra, in decibels.
    - `marginal_distance`: total variation distance of the histograms of a feature's values, mean over the features.
    - `sliced_wasserstein`: mean 1-Wasserstein distance of whole series along 100 fixed random directions.
    """

    def __init__(self, corpus: Corpus, domain: SeriesDomain | None = None) -> None:
        """Read the held-out series of a corpus in a `FrameSpace`; see `WindowReader` for the domain."""
        self._read = WindowReader.of(corpus, domain)
        self._split = reference_split(corpus)
        real = self._windows(whole(corpus.splits[self._split]))
        self._real = {name: statistic(real) for name, (statistic, _) in STATISTICS.items()}
        self._projected = projections(real)

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, D]; nothing else of the sample is read."""
        windows = self._windows(sample.batch)
        projected, count = projections(windows), len(windows)
        note = f"{count} samples against {len(self._projected)} of the {self._split} split"
        found = {name: self._difference(name, windows, note) for name in STATISTICS}
        moved = _measurement(count, lambda kept: wasserstein(projected[kept], self._projected), note)
        return {**found, "sliced_wasserstein": moved}

    def _difference(self, name: str, windows: Windows, note: str) -> Measurement:
        (statistic, distance), real = STATISTICS[name], self._real[name]
        if not real.numel():
            return Measurement(None, None, VERSION, False, "needs two features, and two steps")
        return _measurement(len(windows), lambda kept: distance(statistic(windows.rows(kept)), real), note)

    def _windows(self, batch: SequenceBatch) -> Windows:
        windows = self._read(batch)
        return windows.rows(part_of(torch.arange(len(windows)), MOST))


def _mean_difference(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().mean())


def _total_variation(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return half the sum over bins of the difference of two histograms [bins, D], mean over the features."""
    return float((one - other).abs().sum(0).mean() / 2)


STATISTICS: dict[str, tuple[Statistic, Callable[[torch.Tensor, torch.Tensor], float]]] = {
    "autocorrelation_distance": (autocorrelation, _mean_difference),
    "cross_correlation_distance": (cross_correlation, _mean_difference),
    "spectrum_distance": (log_spectrum, _mean_difference),
    "marginal_distance": (histogram, _total_variation),
}


def _measurement(count: int, estimate: Callable[[npt.NDArray[np.int64]], float], note: str) -> Measurement:
    value = estimate(np.arange(count))
    return Measurement(value, jackknife_interval(count, estimate, value), VERSION, False, note)
