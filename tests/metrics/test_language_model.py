"""Language models of the metrics: what they learn, what they leave alone, and what they tell apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text import language_model
from seqgan_toolkit.metrics.text.language_model import LanguageModelPanel, language_model_for, sentence_features
from seqgan_toolkit.metrics.text.language_model_network import LanguageModel
from seqgan_toolkit.metrics.text.language_model_training import mean_nats, sentence_nats, train_language_model
from seqgan_toolkit.sequences import END, TokenSpace

MakeSample = Callable[..., Sample]
SPACE = TokenSpace(10)
STEP = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.1, 0.1, 0.1, 0.7], [0.1, 0.7, 0.1, 0.1]])
"""From each of four words to the next; the fifth comes at random: a sentence has 6 words, the first one uniform."""
ENTROPY = (np.log(4) - 5 * (0.7 * np.log(0.7) + 0.3 * np.log(0.1))) / 7
"""Nats per token of such a sentence; its end token is certain."""


def walks(count: int, seed: int) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 4, (count, 1))
    for _ in range(5):
        levels = STEP[words[:, -1]].cumsum(1)
        words = np.concatenate([words, (rng.random((count, 1)) > levels).sum(1, keepdims=True)], axis=1)
    return (words + 4).tolist()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus of 1,500 such sentences, and 500 to test."""
    with CorpusWriter(tmp_path_factory.mktemp("walks") / "corpus", SPACE) as writer:
        for split, count, seed in (("train", 1500, 0), ("valid", 100, 1), ("test", 500, 2)):
            for words in walks(count, seed):
                writer.add(split, np.array([*words, END]))
        return writer.close(domain={})


@pytest.fixture(scope="module")
def model(corpus: Corpus) -> LanguageModel:
    return train_language_model(SPACE, corpus.splits["train"])


def test_the_model_learns_the_entropy_of_a_known_source(model: LanguageModel, corpus: Corpus) -> None:
    assert mean_nats(model, corpus.splits["test"]) == pytest.approx(ENTROPY, abs=0.05)


def test_training_repeats_itself_and_leaves_the_global_stream(sample_of: MakeSample) -> None:
    sentences = HeldSequences(sample_of(walks(40, 5)).batch)
    torch.manual_seed(3)
    first = train_language_model(SPACE, sentences)
    left = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(left, torch.rand(1))
    for one, other in zip(first.parameters(), train_language_model(SPACE, sentences).parameters(), strict=True):
        assert torch.equal(one, other)


def test_scores_are_sums_over_the_prefixes_without_dropout_or_padding(
    model: LanguageModel, sample_of: MakeSample
) -> None:
    sentences = [[4, 5, 6], [7], [5, 5, 5, 5, 5]]
    together = sentence_nats(model, HeldSequences(sample_of(sentences).batch))
    features = sentence_features(model, HeldSequences(sample_of(sentences).batch))
    assert not model.training
    for words, nats, feature in zip(sentences, together, features, strict=True):
        alone = sample_of([words]).batch
        log_p = model.head(model.states(alone))[0].log_softmax(-1)
        assert float(nats) == pytest.approx(-float(log_p.gather(1, alone.values.T).sum()), abs=1e-4)
        np.testing.assert_allclose(feature, sentence_features(model, HeldSequences(alone))[0], atol=1e-5)


def test_collapse_looks_good_to_one_score_and_bad_to_the_others(
    model: LanguageModel, corpus: Corpus, sample_of: MakeSample
) -> None:
    panel = LanguageModelPanel(corpus, model)
    real = panel.measure(sample_of(walks(500, 7)))
    collapsed = panel.measure(sample_of([[4, 4, 4, 4, 4, 4], [5, 6, 7, 5, 6, 7]] * 250))
    noise = panel.measure(sample_of(np.random.default_rng(0).integers(4, 8, (500, 6)).tolist()))
    assert collapsed["lm_score"].value < real["lm_score"].value - 0.2 < noise["lm_score"].value - 0.4
    for name in ("reverse_lm_score", "lm_frechet"):
        assert collapsed[name].value > 1.2 * real[name].value
        assert noise[name].value > 1.05 * real[name].value
    for figure in real.values():
        low, high = figure.interval
        assert low <= figure.value <= high
    assert real["lm_score"].interval[0] <= mean_nats(model, corpus.splits["test"]) <= real["lm_score"].interval[1]


def test_two_sentences_are_too_few_for_the_reverse_score(
    model: LanguageModel, corpus: Corpus, sample_of: MakeSample
) -> None:
    figure = LanguageModelPanel(corpus, model).measure(sample_of(walks(2, 1)))["reverse_lm_score"]
    assert figure.value is None
    assert "3 sentences" in figure.note


def test_the_cache_spares_training_and_a_damaged_file_does_not_harm(
    corpus: Corpus, model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = []
    monkeypatch.setattr(language_model, "train_language_model", lambda *_: trained.append(1) or model)
    language_model_for(corpus, cache=tmp_path)
    cached = language_model_for(corpus, cache=tmp_path)
    assert len(trained) == 1
    assert torch.equal(cached.head.weight, model.head.weight)
    next(tmp_path.iterdir()).write_bytes(b"nonsense")
    language_model_for(corpus, cache=tmp_path)
    assert len(trained) == 2
