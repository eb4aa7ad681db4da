"""The metrics of sequences of frames (image rows, log-mels): by a classifier where the data have labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.frames.classifier import TrainedClassifier, classifier_for
from seqgan_toolkit.metrics.frames.classifier_features import feature_measurements
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.metrics.histogram import label_histogram_distance
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.real_data import reference_split, whole
from seqgan_toolkit.metrics.spread import ClassDistances, relative_spread
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

if TYPE_CHECKING:
    from seqgan_toolkit.metrics.sample import Sample

VERSION = 1


class ClassifierPanel:
    """Metrics of frames with labels, against held-out data, and those of the classifier's features.

    - `label_accuracy`: the share of samples that the classifier gives the label they were made for. It saturates,
      and rewards a model that collapses onto one clear example of each label.
    - `label_histogram_distance`: how far the labels that the classifier gives are from those asked for.
    - `classifier_frechet`, `_kid`, `_precision`, `_recall`, `_density`, `_coverage`: the samples against real
      sequences in the classifier's features; as many real ones as there are samples, where there are enough. They
      depend on the classifier and on that number, so only figures beside the same floor (real against real) can be
      compared. They are neither FID nor KID, which use other features.
    - `within_class_spread`: the mean distance between two samples of one label that the classifier recognises as
      such, over the same for real sequences, averaged over the labels; a label of whose samples under half are
      recognised counts as 0. 1 is as varied as real data, a collapse within labels is far below 1, and what is not
      recognised, such as noise, gains nothing. The distance is Euclidean between all frames, padding included at
      its fixed value.
    """

    def __init__(self, corpus: Corpus, classifier: TrainedClassifier) -> None:
        """Read the held-out data.

        Args:
            corpus: labelled sequences in a `FrameSpace`.
            classifier: the corpus' own (`classifier_for`).
        """
        self._classifier = classifier
        self._num_classes = len(corpus.label_names)
        self._split = reference_split(corpus)
        real = whole(corpus.splits[self._split])
        assert real.labels is not None
        self._labels, self._features = real.labels, classifier.features(real)
        recognised = recognised_labels(self._labels, classifier.labels_of(self._features), self._num_classes)
        self._real_spread = ClassDistances.of(classifier.network.fit_steps(real), recognised, self._num_classes).means()

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return the metrics of a sample; its batch alone is read."""
        batch = sample.batch.detach().to("cpu")
        features = self._classifier.features(batch)
        predicted = self._classifier.labels_of(features)
        compared = feature_measurements(features, self._features, self._split)
        return {
            "label_accuracy": self._label_accuracy(batch, predicted),
            "label_histogram_distance": label_histogram_distance(
                predicted, batch.labels, self._labels, self._num_classes
            ),
            **{f"classifier_{name}": measurement for name, measurement in compared.items()},
            "within_class_spread": self._spread(batch, predicted),
        }

    def _label_accuracy(self, batch: SequenceBatch, predicted: torch.Tensor) -> Measurement:
        if batch.labels is None:
            return Measurement(None, None, VERSION, True, "the samples were made without labels")
        own = self._classifier.test_accuracy
        note = f"the classifier's own accuracy on {self._split} data: {'unknown' if own is None else f'{own:.4f}'}"
        return share(int((predicted == batch.labels).sum()), len(batch), version=VERSION, note=note)

    def _spread(self, batch: SequenceBatch, predicted: torch.Tensor) -> Measurement:
        labels = predicted if batch.labels is None else recognised_labels(batch.labels, predicted, self._num_classes)
        distances = ClassDistances.of(self._classifier.network.fit_steps(batch), labels, self._num_classes)
        return _spread_measurement(distances, self._real_spread, len(batch), "recognised samples of a label; 1 is real")


class SpreadPanel:
    """The metric of frames without labels: how varied they are.

    - `spread`: the mean Euclidean distance between two samples over that between two held-out sequences. 1 is as
      varied as real data; noise can be above, so look at samples as well.
    """

    def __init__(self, corpus: Corpus) -> None:
        assert isinstance(corpus.space, FrameSpace)
        self._low = corpus.space.low
        self._num_steps = corpus.max_length
        self._real = self._distances(whole(corpus.splits[reference_split(corpus)])).means()

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return the spread of a sample; its batch alone is read."""
        batch = sample.batch.detach().to("cpu")
        return {"spread": _spread_measurement(self._distances(batch), self._real, len(batch), "1 is real")}

    def _distances(self, batch: SequenceBatch) -> ClassDistances:
        frames = fixed_steps(batch, self._num_steps, self._low)
        return ClassDistances.of(frames, torch.zeros(len(batch), dtype=torch.int64), 1)


def frame_panel(corpus: Corpus, *, cache: Path) -> ClassifierPanel | SpreadPanel:
    """Return the panel that fits a corpus of frames, training its classifier where it has labels and none is cached.

    Args:
        corpus: sequences in a `FrameSpace`.
        cache: the folder of the cached classifiers.
    """
    if len(corpus.label_names) < 2:
        return SpreadPanel(corpus)
    return ClassifierPanel(corpus, classifier_for(corpus, cache=cache))


def recognised_labels(labels: torch.Tensor, predicted: torch.Tensor, num_classes: int) -> torch.Tensor:
    """Return the labels [N], -1 for unrecognised sequences and for all of a label that mostly are."""
    hits = torch.bincount(labels[labels == predicted], minlength=num_classes)
    mostly = 2 * hits >= torch.bincount(labels, minlength=num_classes)
    return torch.where((labels == predicted) & mostly[labels], labels, -1)


def _spread_measurement(distances: ClassDistances, real: list[float | None], count: int, note: str) -> Measurement:
    value = relative_spread(distances.means(), real)
    if value is None:
        return Measurement(None, None, VERSION, None, "the held-out data have no two different sequences of a label")
    interval = jackknife_interval(count, lambda kept: relative_spread(distances.means(kept), real) or 0.0, value)
    return Measurement(value, interval, VERSION, None, note)
