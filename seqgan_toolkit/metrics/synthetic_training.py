"""What classifiers learn from generated sequences: train on synthetic, test on real, and the reverse."""

from __future__ import annotations

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.classifier import TrainedClassifier
from seqgan_toolkit.metrics.classifier_network import SequenceClassifier, fixed_steps
from seqgan_toolkit.metrics.classifier_training import RECIPE_VERSION, train_classifier
from seqgan_toolkit.metrics.forest import forest_labels
from seqgan_toolkit.metrics.real_data import reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

VERSION = 1
FEWEST = 10
NAMES = ("tstr_cnn", "tstr_forest", "trts_cnn")


class SyntheticTrainingPanel:
    """Accuracies of classifiers across real and generated sequences (Esteban, Hyland and Rätsch 2017).

    - `tstr_cnn`: on held-out real sequences, of the network of `label_accuracy` trained by its recipe on the samples
      and their labels alone; the moment of the training is chosen on the real validation split.
    - `tstr_forest`: the same of a random forest of 500 trees on the values, which has nothing to choose.
    - `trts_cnn`: on the samples, of the network that was trained on real data.
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
        return f"synthetic-training-{VERSION}-{RECIPE_VERSION}"

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure labelled frames [N, T, F]; nothing else of the sample is read."""
        batch = sample.batch.detach().to("cpu")
        if batch.labels is None or len(batch) < FEWEST:
            missing = Measurement(None, None, VERSION, True, f"needs {FEWEST} samples with labels at least")
            return dict.fromkeys(NAMES, missing)
        note = f"trained on {len(batch)} samples, tested on {len(self._test)} of the {self._split} split"
        trained_on_real = self._classifier.hits(batch)
        hits = {"tstr_cnn": self._network_hits(batch), "tstr_forest": self._forest_hits(batch)}
        return {
            **{name: share(int(hit.sum()), len(hit), version=VERSION, note=note) for name, hit in hits.items()},
            "trts_cnn": share(int(trained_on_real.sum()), len(batch), version=VERSION, note=f"on {len(batch)} samples"),
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

    def _flat(self, batch: SequenceBatch) -> torch.Tensor:
        return fixed_steps(batch, self._corpus.max_length, self._low).flatten(1)
