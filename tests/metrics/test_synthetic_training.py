"""Classifiers trained on samples: real ones teach, noise and wrong labels do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.metrics.frames import classifier_training, forest
from seqgan_toolkit.metrics.frames.classifier import TrainedClassifier, classifier_for
from seqgan_toolkit.metrics.frames.classifier_training import train_classifier
from seqgan_toolkit.metrics.frames.forest import forest_labels
from seqgan_toolkit.metrics.frames.synthetic_training import SyntheticTrainingPanel
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


@pytest.fixture(scope="module", autouse=True)
def _quick():
    """Few steps and few trees."""
    patch = pytest.MonkeyPatch()
    patch.setattr(classifier_training, "FEWEST_STEPS", 60)
    patch.setattr(classifier_training, "MAX_EPOCHS", 1)
    patch.setattr(forest, "NUM_TREES", 20)
    patch.setattr(forest, "TREES_AT_ONCE", 10)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two classes of short sequences of several lengths: rising and falling."""
    generator = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path_factory.mktemp("classes") / "c", FrameSpace(3))
    for index in range(300):
        split = ("train", "train", "valid", "test", "test")[index % 5]
        label = int(generator.integers(2))
        steps = np.linspace(-0.5, 0.5, int(generator.integers(4, 7)))[:, None] * (2 * label - 1)
        writer.add(split, (steps + generator.normal(0, 0.1, (len(steps), 3))).clip(-1, 1), label)
    return writer.close(domain={}, label_names=("falling", "rising"))


@pytest.fixture(scope="module")
def panel(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> SyntheticTrainingPanel:
    return SyntheticTrainingPanel(corpus, classifier_for(corpus, cache=tmp_path_factory.mktemp("cache")))


def figures(panel: SyntheticTrainingPanel, batch: SequenceBatch) -> dict[str, float | None]:
    return {name: found.value for name, found in panel.measure(Sample(batch, [])).items()}


def test_real_samples_teach_what_real_data_are(panel: SyntheticTrainingPanel, corpus: Corpus) -> None:
    assert min(figures(panel, corpus.splits["train"].head(100)).values()) > 0.95


def test_wrong_labels_teach_the_wrong_thing_and_noise_nothing(panel: SyntheticTrainingPanel, corpus: Corpus) -> None:
    real = corpus.splits["train"].head(100)
    assert max(figures(panel, replace(real, labels=1 - real.labels)).values()) < 0.1
    noise = torch.rand(real.values.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert max(figures(panel, replace(real, values=noise)).values()) < 0.8


def test_collapse_that_trts_cannot_see_is_seen_by_tstr(panel: SyntheticTrainingPanel, corpus: Corpus) -> None:
    real = corpus.splits["train"].head(100)
    found = figures(panel, real.rows(real.labels == 1))
    assert min(found["trts_cnn"], found["trts_forest"]) > 0.95
    assert max(found["tstr_cnn"], found["tstr_forest"]) < 0.6


def test_samples_without_labels_or_too_few_have_no_figure(panel: SyntheticTrainingPanel, corpus: Corpus) -> None:
    real = corpus.splits["train"].head(20)
    assert set(figures(panel, replace(real, labels=None)).values()) == {None}
    assert set(figures(panel, real.rows(slice(0, 3))).values()) == {None}


def test_groups_of_trees_are_one_forest() -> None:
    from sklearn.ensemble import RandomForestClassifier

    generator = torch.Generator().manual_seed(0)
    values = torch.randn(80, 4, generator=generator)
    labels = (values[:, 0] > 0).long() * 2  # the label 1 has no member
    test = torch.randn(50, 4, generator=generator)
    probabilities = sum(
        RandomForestClassifier(10, random_state=forest.SEED + first).fit(values, labels).predict_proba(test)
        for first in (0, 10)
    )
    assert forest_labels(values, labels, test, 3).tolist() == [(0, 2)[column] for column in probabilities.argmax(1)]


def test_best_moment_counts(corpus: Corpus) -> None:
    """A judge that likes the third moment best gets its weights, whatever comes later."""
    seen = []

    def judge(network: torch.nn.Module) -> float:
        seen.append({name: value.clone() for name, value in network.state_dict().items()})
        return -abs(len(seen) - 3)

    network = train_classifier(corpus, HeldSequences(corpus.splits["train"].head(50)), judge=judge)
    assert len(seen) == classifier_training.MOMENTS
    assert all(torch.equal(value, seen[2][name]) for name, value in network.state_dict().items())
    assert not network.training


def test_judging_does_not_change_the_training(corpus: Corpus) -> None:
    training, batch = HeldSequences(corpus.splits["train"].head(50)), corpus.splits["test"].head(20)
    judged = train_classifier(corpus, training, judge=lambda network: 0 * len(network(network.fit_steps(batch))))
    plain = train_classifier(corpus, training)
    assert torch.equal(TrainedClassifier(judged, None).features(batch), TrainedClassifier(plain, None).features(batch))
