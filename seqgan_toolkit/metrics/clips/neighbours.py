"""How clips lie among real ones: whether a nearest neighbour tells them apart, and whether they are new."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.metrics.base import WARNING, Measurement
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.distances import squared_distances
from seqgan_toolkit.metrics.frames.nearest import nearest_distances
from seqgan_toolkit.metrics.real_data import part_of
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch

VERSION = 1
MOST = 1000
"""Clips whose nearest real one is looked for."""
MOST_PARTS = 10
SUSPECT = 0.75
"""Training clips that went through a decoder lie at .2 (speech, hop 64) to .65 (plucked strings, hop 128)."""
Z95 = 1.959964


class ClipNeighboursPanel:
    """Figures of the Euclidean distance of whole clips, frame by frame.

    - `two_sample_accuracy`: how often the nearest other clip, among held-out ones and as many samples of the same
      labels, is of the clip's own kind (Lopez-Paz and Oquab 2017). .5 is ideal, 1 is told apart at sight; below .5 the
      samples copy held-out clips. The mean over several parts of the sample.
    - `nearest_clip_ratio`: the median distance to the nearest training clip over that of held-out clips. 1 is as new as
      these; near 0 the clips were learnt by heart.
    """

    def __init__(self, real: RealClips) -> None:
        self._real = real
        self._held_out = part_of(real.fixed(real.held_out).flatten(1), MOST)
        self._labels = None if real.held_out.labels is None else part_of(real.held_out.labels, MOST)
        self._usual = float(self._nearest(self._held_out).median())

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure analysed clips; the batch alone is read."""
        flat = self._real.fixed(sample.batch).flatten(1)
        return {
            "two_sample_accuracy": self._two_sample(flat, sample.batch),
            "nearest_clip_ratio": self._ratio(part_of(flat, MOST)),
        }

    def _two_sample(self, flat: torch.Tensor, batch: SequenceBatch) -> Measurement:
        labels = None if batch.labels is None or self._labels is None else (batch.labels.numpy(), self._labels.numpy())
        parts = matched_parts(len(batch), len(self._held_out), labels)
        found = torch.tensor([neighbour_accuracy(flat[chosen], self._held_out[place]) for chosen, place in parts])
        if not len(found):
            return Measurement(None, None, VERSION, False, "needs two clips")
        note = f"mean of {len(found)} parts of about {len(parts[0][0])} clips against {self._real.split} clips"
        value = float(found.double().mean())
        # Of single clips, with the held-out ones given: the parts share those and are not independent.
        half = Z95 * (value * (1 - value) / sum(len(chosen) for chosen, _ in parts)) ** 0.5
        return Measurement(value, (max(0.0, value - half), min(1.0, value + half)), VERSION, False, note)

    def _ratio(self, flat: torch.Tensor) -> Measurement:
        if self._real.split == "train" or not self._usual:
            return Measurement(None, None, VERSION, None, "no held-out clip differs from the training clips")
        value = float(self._nearest(flat).median()) / self._usual
        suspect = WARNING + "clips are nearer to training clips than new ones are: learnt by heart, or blurred"
        note = suspect if value < SUSPECT else f"1 is as new as {self._real.split} clips"
        return Measurement(value, None, VERSION, None, note)

    def _nearest(self, flat: torch.Tensor) -> torch.Tensor:
        training = self._real.training
        low = self._real.analysis.space.low
        return nearest_distances(flat, HeldSequences(training), training.num_steps, low)


Indices = npt.NDArray[np.int64]


def matched_parts(
    num_samples: int, num_others: int, labels: tuple[Indices, Indices] | None
) -> list[tuple[Indices, Indices]]:
    """Return pairs of samples and others, of equal numbers and labels; no sample comes twice.

    Args:
        num_samples: how many samples there are.
        num_others: how many others.
        labels: of the samples and of the others.
    """
    mine, theirs = labels or (np.zeros(num_samples, np.int64), np.zeros(num_others, np.int64))
    rng = np.random.default_rng(0)
    shuffled = {label: rng.permutation(np.flatnonzero(mine == label)) for label in np.unique(theirs)}
    places = {label: np.flatnonzero(theirs == label) for label in np.unique(theirs)}
    parts = []
    for part in range(MOST_PARTS):
        samples, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for label, known in places.items():
            left = shuffled[label][part * len(known) : (part + 1) * len(known)]
            samples.append(left)
            others.append(known[: len(left)])
        joined = np.concatenate(samples), np.concatenate(others)
        if part and len(joined[0]) < num_others / 2:
            break
        parts.append(joined)
    return [pair for pair in parts if len(pair[0])]


def neighbour_accuracy(samples: torch.Tensor, others: torch.Tensor) -> float:
    """Return the leave-one-out accuracy of a nearest neighbour that tells samples [N, D] from others [N, D]."""
    points = torch.cat([samples, others])
    squared = squared_distances(points, points).fill_diagonal_(torch.inf)
    kinds = torch.arange(len(points)) < len(samples)
    return float((kinds[squared.argmin(1)] == kinds).double().mean())
