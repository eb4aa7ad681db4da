"""MMD on the frames themselves, with the kernel that tells a sample from real data best (RCGAN's protocol)."""

from __future__ import annotations

import math
from itertools import combinations

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.distances import squared_distances
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.metrics.frames.relative_mmd import VERSION as RELATIVE_VERSION
from seqgan_toolkit.metrics.frames.relative_mmd import relative_mmd_p
from seqgan_toolkit.metrics.mmd import Kernels, mmd2_measurement, rbf_kernels
from seqgan_toolkit.metrics.real_data import part_of, random_part, reference_split, whole
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
    """Whole sequences, flattened, under the sum of two RBF kernels.

    - `mmd2`: unbiased MMD^2 to held-out ones.
    - `relative_mmd_p`: of a test of memorisation. Below .05 the samples are nearer to the training data than to
      held-out data.

    The two bandwidths are chosen on a fifth of the sequences, and the figures are of the others (Esteban, Hyland and
    Rätsch 2017, section 4). Each sample has bandwidths of its own, those that tell it best; the note has them.
    """

    def __init__(self, corpus: Corpus) -> None:
        """Read sequences of a corpus in a `FrameSpace`: held-out ones, and some that are trained on."""
        assert isinstance(corpus.space, FrameSpace)
        self._low, self._num_steps = corpus.space.low, corpus.max_length
        self._split = reference_split(corpus)
        self._real = self._flat(whole(corpus.splits[self._split]))
        self._training = None if self._split == "train" else self._flat(random_part(corpus.splits["train"], MOST))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, F]; nothing else of the sample is read."""
        flat = self._flat(sample.batch.detach().to("cpu"))
        count = min(len(flat), len(self._real))
        if count < FEWEST:
            few = f"needs {FEWEST} sequences a side at least"
            return {
                "mmd2": Measurement(None, None, VERSION, False, few),
                "relative_mmd_p": Measurement(None, None, RELATIVE_VERSION, None, few),
            }
        points, others = part_of(flat, count), part_of(self._real, count)
        chosen_on = round(CHOOSING_SHARE * count)
        bandwidths = choose_bandwidths(points[:chosen_on], others[:chosen_on])
        points, others = points[chosen_on:], others[chosen_on:]
        note = (
            f"{len(points)} samples against as many of the {self._split} split; "
            f"bandwidths {bandwidths[0]:.3g} and {bandwidths[1]:.3g}"
        )
        squared = mmd2_measurement(rbf_kernels(points, others, bandwidths), version=VERSION, note=note)
        return {"mmd2": squared, "relative_mmd_p": self._relative(points, others, bandwidths)}

    def _relative(self, points: torch.Tensor, others: torch.Tensor, bandwidths: tuple[float, float]) -> Measurement:
        if self._training is None:
            return Measurement(None, None, RELATIVE_VERSION, None, "no sequences are held out")
        count = min(len(points), len(self._training))
        return relative_mmd_p(points[:count], self._training[:count], others[:count], bandwidths)

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
