"""How generated tunes compare with real ones: statistics of each, and what all of them are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.domains.events.notes import Note, Tune
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.kolmogorov_smirnov import kolmogorov_smirnov
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import distinct
from seqgan_toolkit.metrics.tunes.statistics import OCTAVE, statistics_of

VERSION = 1
Counts = npt.NDArray[np.int64]


class TunePanel:
    """C-RNN-GAN's statistics, distances of pitch classes and durations, lengths, and how many tunes differ.

    It reads the decoded tunes, so that it is the same for every representation.
    """

    def __init__(self, held_out: Sequence[Tune]) -> None:
        """Take held-out tunes, on the grid of the samples."""
        self._longest = max((note.duration for tune in held_out for note in tune.notes), default=1)
        self._pitches, self._durations = self._histograms(held_out)
        self._lengths = np.sort([len(tune.notes) for tune in held_out])

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure tunes; those without notes count in `empty` and in the lengths alone."""
        tunes: list[Tune] = sample.artefacts
        sounding = [tune for tune in tunes if tune.notes]
        lengths = np.array([len(tune.notes) for tune in tunes])
        pitches, durations = self._histograms(sounding)
        return {
            "empty": share(len(tunes) - len(sounding), len(tunes), version=VERSION, higher_is_better=False),
            **_means(sounding),
            "pitch_class_distance": _distance(pitches, self._pitches),
            "duration_distance": _distance(durations, self._durations),
            "notes_per_tune": _mean(lengths.tolist(), f"held-out tunes have {self._lengths.mean():.4g}"),
            "length_ks": Measurement(kolmogorov_smirnov(lengths, self._lengths), None, VERSION, False),
            "distinct": distinct([tune.notes for tune in tunes]),
        }

    def _histograms(self, tunes: Sequence[Tune]) -> tuple[Counts, Counts]:
        """Return int64 [N, 12] and [N, D + 1]: for each tune its notes of each pitch class, and of each duration.

        Durations are in steps; those above the longest real one, D, are counted together with it.
        """

        def count(value: Callable[[Note], int], size: int) -> Counts:
            rows = [np.bincount([value(note) for note in tune.notes], minlength=size) for tune in tunes]
            return np.array(rows, dtype=np.int64).reshape(len(tunes), size)

        longest = self._longest
        return (
            count(lambda note: note.pitch % OCTAVE, OCTAVE),
            count(lambda note: min(note.duration, longest), longest + 1),
        )


def _means(tunes: Sequence[Tune]) -> dict[str, Measurement]:
    """Return the mean of each of C-RNN-GAN's statistics."""
    found = [statistics_of(tune) for tune in tunes]
    names = statistics_of(Tune((Note(0, 60, 1, 64),), 1))
    return {name: _mean([statistics[name] for statistics in found]) for name in names}


def _mean(values: Sequence[float], note: str = "") -> Measurement:
    numbers = torch.tensor(values, dtype=torch.float64)
    return mean_with_interval(numbers, version=VERSION, higher_is_better=None, note=note)


def _distance(found: Counts, real: Counts) -> Measurement:
    """Return the total variation distance of what all notes of samples are to what those of real tunes are.

    Args:
        found: counts [N, K] of each sample.
        real: counts [M, K] of each real tune.
    """
    if not len(found):
        return Measurement(None, None, VERSION, False, "no tune has a note")
    shares = real.sum(0) / real.sum()

    def distance(kept: npt.NDArray[np.int64]) -> float:
        counts = found[kept].sum(0)
        return float(np.abs(counts / counts.sum() - shares).sum() / 2)

    value = distance(np.arange(len(found)))
    return Measurement(value, jackknife_interval(len(found), distance, value), VERSION, False)
