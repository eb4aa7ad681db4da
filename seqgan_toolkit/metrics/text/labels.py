"""Whether a sentence shows the label it was made for, by a classifier that has seen real text alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.captions import sentences_of

VERSION = 1
MAX_ORDER = 2
MOST_NGRAMS = 50_000


class NGramClassifier:
    """Logistic regression on the counts of a sentence's words and pairs of words, the most frequent of them."""

    def __init__(self, sentences: Sequence[Sequence[int]], labels: npt.NDArray[np.int64]) -> None:
        """Fit to sentences of token ids and labels int64 [N], two different ones at least."""
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        counts = CountVectorizer(analyzer=_short_ngrams, max_features=MOST_NGRAMS)
        self._model: Any = make_pipeline(counts, LogisticRegression(C=1.0, max_iter=2000))
        self._model.fit(sentences, labels)

    def hits(self, sentences: Sequence[Sequence[int]], labels: npt.NDArray[np.int64]) -> int:
        """Return how many sentences get the label that they should."""
        return int((self._model.predict(sentences) == labels).sum())


class TextLabelPanel:
    """`label_accuracy`: the share of sentences that the classifier gives the label that they were made for."""

    def __init__(self, classifier: NGramClassifier, own_accuracy: float | None) -> None:
        """Take a classifier and the share of real held-out sentences that it gives their label, where there are any."""
        self._classifier = classifier
        own = "unknown" if own_accuracy is None else f"{own_accuracy:.4f}"
        self._note = f"the classifier's own accuracy on real sentences that it has not seen: {own}"

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure sentences, tokens int64 [N, T], with the labels that they were made for."""
        labels = sample.batch.labels
        if labels is None:
            return {"label_accuracy": Measurement(None, None, VERSION, True, "the samples were made without labels")}
        hits = self._classifier.hits(sentences_of(sample.batch), labels.cpu().numpy())
        return {"label_accuracy": share(hits, len(labels), version=VERSION, note=self._note)}


def _short_ngrams(sentence: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for order in range(1, MAX_ORDER + 1):
        yield from zip(*(sentence[start:] for start in range(order)), strict=False)
