"""A classifier of a corpus' own labels: trained once, cached, and read for its features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.frames.classifier_network import SequenceClassifier, features_of
from seqgan_toolkit.metrics.frames.classifier_training import RECIPE_VERSION, empty_classifier, train_classifier
from seqgan_toolkit.metrics.kept_network import keep, read_kept
from seqgan_toolkit.metrics.real_data import fingerprint, reference_split, whole
from seqgan_toolkit.sequences import SequenceBatch


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier with the share of held-out sequences that it gives their label.

    Attributes:
        network: in evaluation mode, on the CPU.
        test_accuracy: on the test split (validation where there is none); None where both are empty.
    """

    network: SequenceClassifier
    test_accuracy: float | None

    def features(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the penultimate layer's activations, float32 [N, 64], none below 0."""
        return features_of(self.network, batch)

    def labels_of(self, features: torch.Tensor) -> torch.Tensor:
        """Return the most probable label, int64 [N], behind features [N, 64]."""
        with torch.inference_mode():
            scores: torch.Tensor = self.network.head(features)
            return scores.argmax(1)

    def predict(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the most probable label of every sequence, int64 [N]."""
        return self.labels_of(self.features(batch))

    def hits(self, batch: SequenceBatch) -> torch.Tensor:
        """Return for every labelled sequence whether it is given its label, bool [N]."""
        assert batch.labels is not None
        return self.predict(batch) == batch.labels


def classifier_for(corpus: Corpus, *, cache: Path) -> TrainedClassifier:
    """Return the classifier of a labelled corpus of frames, trained by a fixed recipe where it is not cached.

    Args:
        corpus: labelled sequences in a `FrameSpace`.
        cache: the folder of the cached classifiers. A file's name is a hash of the recipe's version and of the
            corpus' content, so a corpus that is prepared again finds its classifier and a changed one does not.
    """
    path = cache / f"classifier-{fingerprint(corpus, RECIPE_VERSION)}.safetensors"
    kept = read_kept(lambda: empty_classifier(corpus), path)
    if kept is not None:
        network, about = kept
        return TrainedClassifier(network, json.loads(about["test_accuracy"]))
    network = train_classifier(corpus, corpus.splits["train"])
    trained = TrainedClassifier(network, _held_out_accuracy(network, corpus))
    keep(network, path, {"test_accuracy": json.dumps(trained.test_accuracy)})
    accuracy = "unknown" if trained.test_accuracy is None else f"{trained.test_accuracy:.4f}"
    say(f"trained the metrics' classifier: accuracy on held-out data {accuracy}")
    return trained


def _held_out_accuracy(network: SequenceClassifier, corpus: Corpus) -> float | None:
    split = reference_split(corpus)
    if split == "train":
        return None
    return float(TrainedClassifier(network, None).hits(whole(corpus.splits[split])).double().mean())
