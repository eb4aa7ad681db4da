"""The classifier of sentences reads labels off words and pairs of words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.labels import NGramClassifier, TextLabelPanel

MakeSample = Callable[..., Sample]


@pytest.fixture(scope="module")
def ordered() -> tuple[list[tuple[int, ...]], np.ndarray]:
    """Sentences of random words in which the pair 4 5 marks one label and the pair 5 4 the other."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 600)
    ends = rng.integers(6, 12, (600, 4)).tolist()
    marks = {0: [4, 5], 1: [5, 4]}
    return [(*end[:2], *marks[label], *end[2:]) for end, label in zip(ends, labels, strict=True)], labels


def test_accuracy_of_right_and_of_swapped_labels(
    ordered: tuple[list[tuple[int, ...]], np.ndarray], sample_of: MakeSample
) -> None:
    sentences, labels = ordered
    classifier = NGramClassifier(sentences[:400], labels[:400])
    panel = TextLabelPanel(classifier, classifier.hits(sentences[400:], labels[400:]) / 200)
    right = panel.measure(sample_of(sentences[400:], labels=labels[400:].tolist()))["label_accuracy"]
    swapped = panel.measure(sample_of(sentences[400:], labels=(1 - labels[400:]).tolist()))["label_accuracy"]
    assert right.value > 0.99
    assert swapped.value < 0.01
    assert f"{right.value:.4f}" in right.note


def test_samples_without_labels_have_no_accuracy(
    ordered: tuple[list[tuple[int, ...]], np.ndarray], sample_of: MakeSample
) -> None:
    sentences, labels = ordered
    figure = TextLabelPanel(NGramClassifier(sentences, labels), None).measure(sample_of(sentences[:3]))[
        "label_accuracy"
    ]
    assert figure.value is None
    assert "without labels" in figure.note
