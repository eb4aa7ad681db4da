"""The metrics of clips with labels, by a classifier of real clips."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.clips.cells import cell_measurements
from seqgan_toolkit.metrics.clips.classifier import ClipClassifier
from seqgan_toolkit.metrics.clips.heard import Heard
from seqgan_toolkit.metrics.clips.inception import inception_measurements
from seqgan_toolkit.metrics.clips.label_spread import LabelSpread
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.frames.classifier_features import neighbour_measurements
from seqgan_toolkit.metrics.sample import Sample

VERSION = 1


class ClipLabelPanel:
    """Metrics for each factor of the label (`FACTOR` is its name, `label` where there is one), and of the features.

    - `FACTOR_accuracy`: the share of clips in which the classifier hears the value they were made for.
    - `FACTOR_inception_score`, `_modified_inception_score`, `_am_score`: how sure and how evenly spread that is.
    - `spread_within_FACTOR`, `spread_within_cell`: see `LabelSpread`.
    - `empty_cells`, `smallest_cell`: labels that are heard in no clip, and how rare the rarest is.
    - `clip_frechet`, `clip_kid`, `clip_precision`, `_recall`, `_density`, `_coverage`: in the classifier's features,
      against held-out clips. `clip_frechet` is of all clips, the rest of as many as there are held-out ones.
    """

    def __init__(self, real: RealClips, classifier: ClipClassifier) -> None:
        """Hear the real clips.

        Args:
            real: clips with two labels at least.
            classifier: their own (`clip_classifier_for`).
        """
        self._real, self._classifier, self._factors = real, classifier, classifier.factors
        self._held_out = Heard.of(real.held_out, real, classifier)
        self._spread = LabelSpread(self._factors, Heard.of(real.training, real, classifier), self._held_out)

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure analysed clips; the batch alone is read."""
        heard = Heard.of(sample.batch, self._real, self._classifier)
        measured: dict[str, Measurement] = {}
        for factor, name in enumerate(self._factors.names):
            measured[f"{name}_accuracy"] = self._accuracy(heard, factor)
            scores = inception_measurements(heard.log_probabilities[factor], self._shares_of(factor))
            measured |= {f"{name}_{score}": measurement for score, measurement in scores.items()}
        neighbours = neighbour_measurements(heard.features, self._held_out.features, self._real.split)
        return {
            **measured,
            **self._spread.measure(heard),
            **cell_measurements(heard.cells, self._real.label_shares()),
            "clip_frechet": self._real.frechet(heard.features, self._held_out.features, VERSION),
            **{f"clip_{name}": measurement for name, measurement in neighbours.items()},
        }

    def _accuracy(self, heard: Heard, factor: int) -> Measurement:
        hits = heard.values[:, factor] == heard.truth[:, factor]
        own = self._classifier.accuracies[factor]
        note = f"the classifier's own accuracy on {self._real.split} clips: {own:.4f}"
        return share(int(hits.sum()), len(hits), version=VERSION, note=note)

    def _shares_of(self, factor: int) -> torch.Tensor:
        """Return how often each value of a factor comes in training clips, float64 [V]."""
        shares = torch.zeros(self._factors.sizes[factor], dtype=torch.float64)
        return shares.index_add(0, torch.tensor(self._factors.column(factor)), self._real.label_shares())
