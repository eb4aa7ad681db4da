"""A classifier of a corpus' own labels: trained once, cached, and read for its features."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.metrics.classifier_network import SequenceClassifier
from seqgan_toolkit.metrics.classifier_training import RECIPE_VERSION, train_classifier
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

CHUNK = 500
"""Sequences that go through the network at once."""
FINGERPRINT_SEQUENCES = 256


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


def classifier_for(corpus: Corpus, *, cache: Path) -> TrainedClassifier:
    """Return the classifier of a labelled corpus of frames, trained by a fixed recipe where it is not cached.

    Args:
        corpus: labelled sequences in a `FrameSpace`.
        cache: the folder of the cached classifiers. A file's name is a hash of the recipe's version and of the
            corpus' content, so a corpus that is prepared again finds its classifier and a changed one does not.
    """
    path = cache / f"classifier-{fingerprint(corpus)}.safetensors"
    if path.is_file():
        cached = _load(path, corpus)
        if cached is not None:
            return cached
    network = train_classifier(corpus)
    trained = TrainedClassifier(network, _held_out_accuracy(network, corpus))
    _save(trained, path)
    accuracy = "unknown" if trained.test_accuracy is None else f"{trained.test_accuracy:.4f}"
    say(f"trained the metrics' classifier: accuracy on held-out data {accuracy}")
    return trained


def reference_split(corpus: Corpus) -> Split:
    """Return the split that stands for real data unseen in training: test, else validation, else training."""
    order: tuple[Split, ...] = ("test", "valid", "train")
    return next(split for split in order if len(corpus.splits[split]) >= 2)


def whole(store: SequenceStore) -> SequenceBatch:
    """Gather all sequences of a split."""
    return store.batch(np.arange(len(store)))


def fingerprint(corpus: Corpus) -> str:
    """Return a hash of the classifier's recipe and of what it would be trained and tested on.

    All lengths and labels count, and the values of evenly spaced sequences of every split.
    """
    about = {
        "recipe": RECIPE_VERSION,
        "space": repr(corpus.space),
        "labels": corpus.label_names,
        "domain": corpus.domain_state,
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for split in SPLITS:
        store = corpus.splits[split]
        digest.update(store.offsets.tobytes())
        digest.update(b"" if store.labels is None else store.labels.tobytes())
        for index in np.linspace(0, len(store) - 1, min(len(store), FINGERPRINT_SEQUENCES)).astype(np.int64):
            digest.update(np.ascontiguousarray(store.values[store.offsets[index] : store.offsets[index + 1]]).tobytes())
    return digest.hexdigest()[:20]


def _held_out_accuracy(network: SequenceClassifier, corpus: Corpus) -> float | None:
    split = reference_split(corpus)
    if split == "train":
        return None
    batch = whole(corpus.splits[split])
    assert batch.labels is not None
    return float((TrainedClassifier(network, None).predict(batch) == batch.labels).double().mean())


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
