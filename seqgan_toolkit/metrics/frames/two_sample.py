"""Whether a classifier can tell samples from real sequences that it has not seen."""

from __future__ import annotations

import math

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.metrics.frames.forest import forest_labels
from seqgan_toolkit.metrics.real_data import part_of, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

VERSION = 1
MOST = 2000
"""Sequences a side."""
FEWEST = 20


class TwoSamplePanel:
    """`two_sample_forest`: accuracy of a random forest that tells samples from held-out sequences (.5 is chance).

    It learns from half of either side and is tested on the others: the classifier two-sample test of Lopez-Paz and
    Oquab (2017), whose p-value is in the note.
    """

    definition = f"two-sample-{VERSION}"

    def __init__(self, corpus: Corpus) -> None:
        """Read the held-out sequences of a corpus in a `FrameSpace`."""
        assert isinstance(corpus.space, FrameSpace)
        self._low, self._num_steps = corpus.space.low, corpus.max_length
        self._split = reference_split(corpus)
        self._real = self._flat(whole(corpus.splits[self._split]))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, F]; nothing else of the sample is read."""
        fake = self._flat(sample.batch.detach().to("cpu"))
        half = min(len(fake), len(self._real)) // 2
        if 2 * half < FEWEST:
            return {"two_sample_forest": Measurement(None, None, VERSION, False, f"needs {FEWEST} sequences a side")}
        training, test = (torch.cat([side[rows] for side in (fake, self._real)]) for rows in _halves(half))
        truth = torch.arange(2).repeat_interleave(half)
        hits = int(forest_labels(training, truth, test, 2).eq(truth).sum())
        note = f"{half} of the {self._split} split and as many samples on both sides; p = {chance(hits, 2 * half):.2g}"
        return {"two_sample_forest": share(hits, 2 * half, version=VERSION, higher_is_better=False, note=note)}

    def _flat(self, batch: SequenceBatch) -> torch.Tensor:
        return part_of(fixed_steps(batch, self._num_steps, self._low).flatten(1), MOST)


def chance(hits: int, total: int) -> float:
    """Return the probability of so many hits or more among `total` where each is one of two: N(1/2, 1 / (4 total))."""
    return 0.5 * math.erfc((hits / total - 0.5) * math.sqrt(2 * total))


def _halves(half: int) -> tuple[slice, slice]:
    return slice(0, half), slice(half, 2 * half)
