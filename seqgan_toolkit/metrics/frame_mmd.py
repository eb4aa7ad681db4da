"""MMD^2 on the frames themselves, with the kernel that tells a sample from real data best (RCGAN's protocol)."""

from __future__ import annotations

import math
from itertools import combinations

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.classifier_network import fixed_steps
from seqgan_toolkit.metrics.distances import squared_distances
from seqgan_toolkit.metrics.mmd import Kernels, mmd2_measurement, rbf_kernels
from seqgan_toolkit.metrics.real_data import part_of, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

VERSION = 1
MOST = 2000
"""Sequences a side."""
CHOOSING_SHARE = 0.2
FEWEST = 20
OCTAVES = (-3, -2, -1, 0, 1, 2)
"""The bandwidths to choose from: the median distance times these powers of two."""


class FrameMMDPanel:
    """`mmd2`: unbiased MMD^2 of whole sequences to held-out ones, flattened, under the sum of two RBF kernels.

    The two bandwidths are chosen on a fifth of the sequences, and the figure is that of the others (Esteban, Hyland and
    Rätsch 2017, section 4). Each sample has bandwidths of its own, those that tell it best; the note has them.
    """

    def __init__(self, corpus: Corpus) -> None:
        """Read the held-out sequences of a corpus in a `FrameSpace`."""
        assert isinstance(corpus.space, FrameSpace)
        self._low, self._num_steps = corpus.space.low, corpus.max_length
        self._split = reference_split(corpus)
        self._real = self._flat(whole(corpus.splits[self._split]))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, F]; nothing else of the sample is read."""
        flat = self._flat(sample.batch.detach().to("cpu"))
        count = min(len(flat), len(self._real))
        if count < FEWEST:
            return {"mmd2": Measurement(None, None, VERSION, False, f"needs {FEWEST} sequences a side at least")}
        points, others = part_of(flat, count), part_of(self._real, count)
        chosen_on = round(CHOOSING_SHARE * count)
        bandwidths = choose_bandwidths(points[:chosen_on], others[:chosen_on])
        kernels = rbf_kernels(points[chosen_on:], others[chosen_on:], bandwidths)
        note = (
            f"{count - chosen_on} samples against as many of the {self._split} split; "
            f"bandwidths {bandwidths[0]:.3g} and {bandwidths[1]:.3g}"
        )
        return {"mmd2": mmd2_measurement(kernels, version=VERSION, note=note)}

    def _flat(self, batch: SequenceBatch) -> torch.Tensor:
        return part_of(fixed_steps(batch, self._num_steps, self._low).flatten(1), MOST)


def choose_bandwidths(points: torch.Tensor, others: torch.Tensor) -> tuple[float, float]:
    """Return the two RBF bandwidths under which MMD^2 is largest for its standard deviation.

    That ratio is what the power of a test rests on (Sutherland et al. 2017, equation 3).

    Args:
        points: one sample, [N, D].
        others: as many of the other, [N, D].
    """
    squared = squared_distances(points.double(), others.double())
    median = float(squared.median().sqrt()) or 1.0
    single = {median * 2.0**octave: rbf_kernels(points, others, (median * 2.0**octave,)) for octave in OCTAVES}
    pairs = list(combinations(single, 2))
    return max(pairs, key=lambda pair: _ratio(single[pair[0]], single[pair[1]]))


def _ratio(one: Kernels, other: Kernels) -> float:
    """Return MMD^2 over its standard deviation, for the sum of two kernels on samples of equal size."""
    summed = Kernels(one.within + other.within, one.between + other.between, one.other + other.other)
    core = summed.core()
    count = len(core)
    variance = 4 * float((core.sum(1) / (count - 1)).var()) / count
    return summed.value() / math.sqrt(max(variance, 1e-12))
