"""What a language model says of generated sentences, and what one says that has read nothing else.

The model of the real data is trained once on the training split by a fixed recipe and cached.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.held import HeldSequences, Sequences, chunks
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.frechet import frechet_measurement
from seqgan_toolkit.metrics.kept_network import keep, read_kept
from seqgan_toolkit.metrics.real_data import as_many, fingerprint, reference_split
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.language_model_network import LanguageModel
from seqgan_toolkit.metrics.text.language_model_training import (
    CHUNK,
    RECIPE_VERSION,
    mean_nats,
    sentence_nats,
    train_language_model,
)
from seqgan_toolkit.metrics.text.likelihood import nats_per_token
from seqgan_toolkit.sequences import TokenSpace

FEWEST_SENTENCES = 3


class LanguageModelPanel:
    """Figures of sentences by the language model `lstm128` (`language_model_training.py`), in nats per token.

    - `lm_score`: of the samples, under the model that was trained on real sentences (quality).
    - `reverse_lm_score`: of real sentences, under the model that was trained on the samples (diversity and quality).
    - `lm_frechet`: the Fréchet distance of the samples to real sentences in the states of the first model, mean and
      maximum over the steps. It is neither FID nor FED: those have other encoders.
    """

    def __init__(self, corpus: Corpus, model: LanguageModel) -> None:
        """Read the held-out sentences.

        Args:
            corpus: sequences of tokens.
            model: the corpus's own (`language_model_for`).
        """
        self._model = model
        self._split = reference_split(corpus)
        self._real = corpus.splits[self._split]
        self._features = sentence_features(model, self._real)
        self._own = mean_nats(model, self._real)

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure sentences, tokens int64 [N, T]; a language model is trained on them."""
        sentences = HeldSequences(sample.batch.to("cpu"))
        note = (
            f"real {self._split} sentences, which the model has not read, have {self._own:.4f}; training data have less"
        )
        features = sentence_features(self._model, sentences)
        return {
            "lm_score": _score(self._model, sentences, note),
            "reverse_lm_score": self._reverse(sentences),
            "lm_frechet": frechet_measurement(
                *as_many(features, self._features), version=RECIPE_VERSION, split=self._split
            ),
        }

    def _reverse(self, sentences: HeldSequences) -> Measurement:
        if len(sentences) < FEWEST_SENTENCES:
            return Measurement(None, None, RECIPE_VERSION, False, f"needs {FEWEST_SENTENCES} sentences at least")
        note = (
            f"the {self._split} split under a model that was trained on {len(sentences)} sentences; "
            f"trained on the training split it has {self._own:.4f}"
        )
        return _score(train_language_model(self._model.space, sentences), self._real, note)


def language_model_for(corpus: Corpus, *, cache: Path) -> LanguageModel:
    """Return the language model of a corpus of tokens, trained by the fixed recipe where it is not cached.

    Args:
        corpus: sequences in a `TokenSpace`.
        cache: the folder of the cached models. A file's name is a hash of the recipe's version and of the corpus'
            content, so a corpus that is prepared again finds its model and a changed one does not.
    """
    space = corpus.space
    assert isinstance(space, TokenSpace)
    path = cache / f"lstm128-{fingerprint(corpus, RECIPE_VERSION)}.safetensors"
    kept = read_kept(lambda: LanguageModel(space), path)
    if kept is not None:
        return kept[0].requires_grad_(False)
    model = train_language_model(space, corpus.splits["train"])
    keep(model, path, {})
    held_out = mean_nats(model, corpus.splits[reference_split(corpus)])
    say(f"trained the metrics' language model: {held_out:.4f} nats per token on held-out data")
    return model


def sentence_features(model: LanguageModel, sentences: Sequences) -> npt.NDArray[np.float64]:
    """Return the features [N, 2 H] of sentences, in chunks of bounded memory."""
    with torch.inference_mode():
        features = torch.cat([model.features(chunk) for chunk in chunks(sentences, CHUNK)])
    return np.asarray(features.double().numpy())


def _score(model: LanguageModel, sentences: Sequences, note: str) -> Measurement:
    nats = sentence_nats(model, sentences).numpy()
    return nats_per_token(nats, sentences.lengths.astype(np.float64), version=RECIPE_VERSION, note=note)
