"""Whether samples lie nearer to the training data than new real data do, as what is learnt by heart does."""

from __future__ import annotations

import numpy as np
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.held import Sequences
from seqgan_toolkit.metrics.base import WARNING, Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.distances import row_blocks, squared_distances
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.metrics.real_data import part_of, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

VERSION = 1
MOST = 1000
"""Sequences whose nearest training sequence is looked for."""
BLOCK = 2000
"""Training sequences that are held at once."""
COPY_SHARE = 1e-3
"""A sample this near to a training sequence, over the distance of held-out data, is a copy of it."""
SUSPECT = 0.5


class NearestPanel:
    """How new samples are, by the Euclidean distance of whole sequences to the nearest training sequence.

    - `nearest_training_ratio`: its mean over samples, over that of held-out sequences. 1 is as new as held-out data;
      training data, and copies of them, have 0; noise is far above 1.
    - `training_copies`: the share of samples that are training sequences.
    """

    def __init__(self, corpus: Corpus) -> None:
        """Measure the held-out sequences of a corpus in a `FrameSpace`."""
        assert isinstance(corpus.space, FrameSpace)
        self._low, self._num_steps = corpus.space.low, corpus.max_length
        self._training = corpus.splits["train"]
        self._split = reference_split(corpus)
        self._real = float(self._distances(whole(corpus.splits[self._split])).mean())

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, F]; nothing else of the sample is read."""
        if self._split == "train" or not self._real:
            missing = Measurement(None, None, VERSION, None, "no held-out sequence differs from the training data")
            return {"nearest_training_ratio": missing, "training_copies": missing}
        ratios = self._distances(sample.batch.detach().to("cpu")) / self._real
        suspect = WARNING + "samples are much nearer to the training data than new data are: learnt by heart"
        note = suspect if ratios.mean() < SUSPECT else f"1 is as new as the {self._split} split"
        copies = int((ratios < COPY_SHARE).sum())
        return {
            "nearest_training_ratio": mean_with_interval(ratios, version=VERSION, higher_is_better=None, note=note),
            "training_copies": share(copies, len(ratios), version=VERSION, higher_is_better=None),
        }

    def _distances(self, batch: SequenceBatch) -> torch.Tensor:
        points = part_of(fixed_steps(batch, self._num_steps, self._low).flatten(1), MOST)
        return nearest_distances(points, self._training, self._num_steps, self._low)


def nearest_distances(points: torch.Tensor, training: Sequences, num_steps: int, low: float) -> torch.Tensor:
    """Return the Euclidean distance, float64 [N], of points to the nearest of many sequences, in bounded memory.

    The nearest is found by matrix products, and its distance is then that of the differences: a copy has 0 exactly.

    Args:
        points: frames of one length, flattened, float32 [N, T F].
        training: the sequences.
        num_steps: T, to which they are padded or cut.
        low: the value of padding.
    """
    best = torch.full((len(points),), torch.inf)
    nearest = points.clone()
    for rows in row_blocks(len(training), BLOCK):
        block = fixed_steps(training.batch(np.arange(rows.start, rows.stop)), num_steps, low).flatten(1)
        squared, places = squared_distances(points, block).min(1)
        nearer = squared < best
        best[nearer], nearest[nearer] = squared[nearer], block[places[nearer]]
    return (points.double() - nearest.double()).square().sum(1).sqrt()
