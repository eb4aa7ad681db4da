"""What classifiers learn from generated sequences: train on synthetic, test on real, and the reverse."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.frames.classifier import TrainedClassifier
from seqgan_toolkit.metrics.frames.classifier_network import SequenceClassifier, fixed_steps
from seqgan_toolkit.metrics.frames.classifier_training import RECIPE_VERSION, train_classifier
from seqgan_toolkit.metrics.frames.forest import elected, forest_labels, grow
from seqgan_toolkit.metrics.real_data import random_part, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

VERSION = 1
FEWEST = 10
MOST_IN_KEPT_FOREST = 10_000
"""Real sequences that a forest learns from: it is kept for all samples, and grows with them."""
NAMES = ("tstr_cnn", "tstr_forest", "trts_cnn", "trts_forest")


class SyntheticTrainingPanel:
    """Accuracies of classifiers across real and generated sequences (Esteban, Hyland and Rätsch 2017).

    - `tstr_cnn`: on held-out real sequences, of the network of `label_accuracy` trained by its recipe on the samples
      and their labels alone; the moment of the training is chosen on the real validation split.
    - `tstr_forest`: the same of a random forest of 500 trees on the values, which has nothing to choose.
    - `trts_cnn`: on the samples, of the network that was trained on real data.
    - `trts_forest`: the same of a forest that was grown on real data, 10,000 sequences at most.
    """

    def __init__(self, corpus: Corpus, classifier: TrainedClassifier) -> None:
        """Read the held-out data.

        Args:
            corpus: labelled sequences in a `FrameSpace`.
            classifier: the corpus' own (`classifier_for`).
        """
        assert isinstance(corpus.space, FrameSpace)
        self._corpus, self._classifier, self._low = corpus, classifier, corpus.space.low
        self._split = reference_split(corpus)
        self._test = whole(corpus.splits[self._split])
        self._validation = whole(corpus.splits["valid"]) if len(corpus.splits["valid"]) else None

    @property
    def definition(self) -> str:
        """What the figures hang on beside the sample and the corpus."""
        return f"synthetic-training-{VERSION}-{RECIPE_VERSION}-{len(NAMES)}"

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure labelled frames [N, T, F]; nothing else of the sample is read."""
        batch = sample.batch.detach().to("cpu")
        if batch.labels is None or len(batch) < FEWEST:
            missing = Measurement(None, None, VERSION, True, f"needs {FEWEST} samples with labels at least")
            return dict.fromkeys(NAMES, missing)
        learnt = f"trained on {len(batch)} samples, tested on {len(self._test)} of the {self._split} split"
        hits = {
            "tstr_cnn": self._network_hits(batch),
            "tstr_forest": self._forest_hits(batch),
            "trts_cnn": self._classifier.hits(batch),
            "trts_forest": self._kept_forest_hits(batch),
        }
        return {
            name: share(int(hit.sum()), len(hit), version=VERSION, note=learnt if "tstr" in name else f"on {len(hit)}")
            for name, hit in hits.items()
        }

    def _network_hits(self, batch: SequenceBatch) -> torch.Tensor:
        judge = None if self._validation is None else self._judge
        network = train_classifier(self._corpus, HeldSequences(batch), judge=judge)
        return TrainedClassifier(network, None).hits(self._test)

    def _judge(self, network: SequenceClassifier) -> float:
        assert self._validation is not None
        return float(TrainedClassifier(network, None).hits(self._validation).double().mean())

    def _forest_hits(self, batch: SequenceBatch) -> torch.Tensor:
        assert batch.labels is not None
        assert self._test.labels is not None
        training, test = self._flat(batch), self._flat(self._test)
        return forest_labels(training, batch.labels, test, len(self._corpus.label_names)).eq(self._test.labels)

    @cached_property
    def _kept_forest(self) -> list[RandomForestClassifier]:
        training = random_part(self._corpus.splits["train"], MOST_IN_KEPT_FOREST)
        assert training.labels is not None
        return list(grow(self._flat(training), training.labels))

    def _kept_forest_hits(self, batch: SequenceBatch) -> torch.Tensor:
        assert batch.labels is not None
        return elected(self._kept_forest, self._flat(batch), len(self._corpus.label_names)).eq(batch.labels)

    def _flat(self, batch: SequenceBatch) -> torch.Tensor:
        return fixed_steps(batch, self._corpus.max_length, self._low).flatten(1)
