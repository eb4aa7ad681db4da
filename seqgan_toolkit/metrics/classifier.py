"""A classifier of a corpus' own labels: trained once, cached, and read for its features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.metrics.classifier_network import SequenceClassifier
from seqgan_toolkit.metrics.classifier_training import RECIPE_VERSION, train_classifier
from seqgan_toolkit.metrics.real_data import fingerprint, reference_split, whole
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

CHUNK = 500
"""Sequences that go through the network at once."""


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
        with torch.inference_mode():
            chunks = [batch.rows(slice(start, start + CHUNK)).to("cpu") for start in range(0, len(batch), CHUNK)]
            return torch.cat([self.network.features(self.network.fit_steps(chunk)) for chunk in chunks])

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
    if path.is_file():
        cached = _load(path, corpus)
        if cached is not None:
            return cached
    network = train_classifier(corpus, corpus.splits["train"])
    trained = TrainedClassifier(network, _held_out_accuracy(network, corpus))
    _save(trained, path)
    accuracy = "unknown" if trained.test_accuracy is None else f"{trained.test_accuracy:.4f}"
    say(f"trained the metrics' classifier: accuracy on held-out data {accuracy}")
    return trained


def _held_out_accuracy(network: SequenceClassifier, corpus: Corpus) -> float | None:
    split = reference_split(corpus)
    if split == "train":
        return None
    return float(TrainedClassifier(network, None).hits(whole(corpus.splits[split])).double().mean())


def _save(trained: TrainedClassifier, path: Path) -> None:
    from safetensors.torch import save_file

    with atomic_path(path) as temporary:
        save_file(
            trained.network.state_dict(), temporary, metadata={"test_accuracy": json.dumps(trained.test_accuracy)}
        )


def _load(path: Path, corpus: Corpus) -> TrainedClassifier | None:
    """Read a cached classifier; a damaged file counts as none, and is written again."""
    from safetensors import SafetensorError, safe_open

    assert isinstance(corpus.space, FrameSpace)
    network = SequenceClassifier(corpus.max_length, corpus.space.dim, len(corpus.label_names), corpus.space.low)
    try:
        with safe_open(path, framework="pt") as file:
            network.load_state_dict({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
            accuracy = json.loads(file.metadata()["test_accuracy"])
    except (SafetensorError, OSError, RuntimeError, KeyError, ValueError) as error:
        say(f"warning: {path} is damaged ({error}); the classifier is trained again")
        return None
    return TrainedClassifier(network.eval(), accuracy)
