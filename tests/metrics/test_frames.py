"""The classifier and the panels of frames on real digits: what they must tell apart."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.domains.rows.prepare import prepare_rows
from seqgan_toolkit.domains.rows.reading import rows_source
from seqgan_toolkit.domains.rows.spec import RowsSpec
from seqgan_toolkit.metrics.frames import classifier_training
from seqgan_toolkit.metrics.frames.classifier import TrainedClassifier, classifier_for
from seqgan_toolkit.metrics.frames.classifier_network import SequenceClassifier, fixed_steps
from seqgan_toolkit.metrics.frames.panel import ClassifierPanel, SpreadPanel, frame_panel, recognised_labels
from seqgan_toolkit.metrics.real_data import fingerprint
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

ROOT = Path(os.environ.get("SEQGAN_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


@dataclass
class OnlyBatch:
    """The part of a `Sample` that these panels read."""

    batch: SequenceBatch


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return prepare_rows(rows_source("digits", RowsSpec()), tmp_path_factory.mktemp("digits") / "c", RowsSpec(), seed=0)


@pytest.fixture(scope="module")
def classifier(digits: Corpus, tmp_path_factory: pytest.TempPathFactory) -> TrainedClassifier:
    return classifier_for(digits, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def panel(digits: Corpus, classifier: TrainedClassifier) -> ClassifierPanel:
    return ClassifierPanel(digits, classifier)


@pytest.fixture(scope="module")
def real(digits: Corpus) -> SequenceBatch:
    return digits.splits["train"].head(450)


def collapsed(batch: SequenceBatch) -> SequenceBatch:
    """Repeat the first sequence of every label."""
    first = {int(label): index for index, label in reversed(list(enumerate(batch.labels)))}
    chosen = torch.tensor([first[int(label)] for label in batch.labels])
    return SequenceBatch(batch.values[chosen], batch.lengths, batch.labels)


def noise(batch: SequenceBatch) -> SequenceBatch:
    values = torch.rand(batch.values.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return SequenceBatch(values, batch.lengths, batch.labels)


def test_classifier_of_digits_is_good_enough_to_judge(classifier: TrainedClassifier) -> None:
    assert classifier.test_accuracy >= 0.97


def test_features_are_64_activations_and_do_not_depend_on_padding_or_company(classifier, real) -> None:
    batch = real.rows(slice(0, 6))
    features = classifier.features(batch)
    assert features.shape == (6, 64)
    assert features.min() >= 0
    longer = torch.cat([batch.values, torch.full((6, 3, 8), 0.7)], dim=1)
    torch.testing.assert_close(classifier.features(SequenceBatch(longer, batch.lengths)), features)
    torch.testing.assert_close(classifier.features(batch.rows(slice(2, 3))), features[2:3])
    assert torch.equal(classifier.predict(batch), classifier.labels_of(features))


def test_training_sample_passes_for_real(panel, real) -> None:
    found = panel.measure(OnlyBatch(real))
    assert found["label_accuracy"].value >= 0.97
    assert "own accuracy on test data: 0.9" in found["label_accuracy"].note
    assert found["classifier_frechet"].value < 4
    low, high = found["classifier_frechet"].interval
    assert low < found["classifier_frechet"].value < high
    assert 0.95 < found["within_class_spread"].value < 1.05


def test_noise_is_far_and_wins_nowhere(panel, real) -> None:
    found = panel.measure(OnlyBatch(noise(real)))
    assert found["label_accuracy"].value < 0.3
    assert found["classifier_frechet"].value > 40
    assert found["within_class_spread"].value < 0.3


def test_collapse_within_labels_shows_in_spread_and_distance_but_not_in_accuracy(panel, real) -> None:
    found = panel.measure(OnlyBatch(collapsed(real)))
    assert found["label_accuracy"].value > 0.95
    assert found["classifier_frechet"].value > 10
    assert found["within_class_spread"].value < 0.01


def test_wrong_labels_and_no_labels(panel, real) -> None:
    wrong = SequenceBatch(real.values, real.lengths, (real.labels + 1) % 10)
    assert panel.measure(OnlyBatch(wrong))["label_accuracy"].value < 0.03
    bare = panel.measure(OnlyBatch(SequenceBatch(real.values, real.lengths)))
    assert bare["label_accuracy"].value is None
    assert 0.95 < bare["within_class_spread"].value < 1.05


def test_one_sample_is_no_crash(panel, real) -> None:
    found = panel.measure(OnlyBatch(real.rows(slice(0, 1))))
    assert found["classifier_frechet"].value is None
    assert found["within_class_spread"].value == 0


def test_labels_mostly_unrecognised_count_as_no_class() -> None:
    labels = torch.tensor([0, 0, 1, 1, 1])
    predicted = torch.tensor([0, 1, 1, 0, 0])
    assert recognised_labels(labels, predicted, 3).tolist() == [0, -1, -1, -1, -1]


def write_corpus(directory: Path, *, labelled: bool, bump: float = 0.0) -> Corpus:
    """Short sequences of several lengths, in two classes: rising and falling."""
    generator = np.random.default_rng(0)
    writer = CorpusWriter(directory, FrameSpace(3))
    for index in range(60):
        steps = np.linspace(-0.5, 0.5, int(generator.integers(3, 7)))[:, None]
        values = steps * (1 if index % 2 else -1) + generator.normal(0, 0.1, (len(steps), 3))
        writer.add(
            "train" if index < 40 else "test", values.clip(-1, 1) + bump * (index == 0), index % 2 if labelled else None
        )
    return writer.close(domain={}, label_names=("falling", "rising") if labelled else ())


@pytest.fixture
def _short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 40)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 1)


@pytest.mark.usefixtures("_short_training")
def test_cached_classifier_is_the_trained_one_and_belongs_to_its_data(tmp_path, monkeypatch, capsys) -> None:
    corpus = write_corpus(tmp_path / "c", labelled=True)
    state = torch.get_rng_state()
    first = classifier_for(corpus, cache=tmp_path / "cache")
    assert torch.equal(torch.get_rng_state(), state)
    batch = corpus.splits["test"].head(10)
    assert first.test_accuracy > 0.9
    again = classifier_for(write_corpus(tmp_path / "same", labelled=True), cache=tmp_path / "cache")
    assert "trained" in capsys.readouterr().err
    assert again.test_accuracy == first.test_accuracy
    assert torch.equal(again.features(batch), first.features(batch))
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert repr(corpus.space) == "FrameSpace(dim=3, low=-1.0, high=1.0)", "what users have in their caches is found"
    assert fingerprint(write_corpus(tmp_path / "other", labelled=True, bump=0.01), 1) != fingerprint(corpus, 1)
    afresh = classifier_for(corpus, cache=tmp_path / "elsewhere")
    assert torch.equal(afresh.features(batch), first.features(batch))


@pytest.mark.usefixtures("_short_training")
def test_damaged_cache_is_replaced(tmp_path, capsys) -> None:
    corpus = write_corpus(tmp_path / "c", labelled=True)
    first = classifier_for(corpus, cache=tmp_path / "cache")
    path = next((tmp_path / "cache").iterdir())
    path.write_bytes(path.read_bytes()[:1000])
    assert classifier_for(corpus, cache=tmp_path / "cache").test_accuracy == first.test_accuracy
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.usefixtures("_short_training")
def test_panel_fits_the_corpus(tmp_path) -> None:
    assert isinstance(frame_panel(write_corpus(tmp_path / "a", labelled=True), cache=tmp_path), ClassifierPanel)
    corpus = write_corpus(tmp_path / "b", labelled=False)
    bare = frame_panel(corpus, cache=tmp_path)
    assert isinstance(bare, SpreadPanel)
    batch = corpus.splits["train"].head(40)
    assert 0.9 < bare.measure(OnlyBatch(batch))["spread"].value < 1.1
    repeated = bare.measure(OnlyBatch(batch.rows(torch.zeros(40, dtype=torch.int64))))
    assert repeated["spread"].value < 0.01


@pytest.mark.parametrize(("num_steps", "dim"), [(1, 1), (5, 1), (8, 8), (28, 28), (125, 64), (30, 200)])
def test_network_takes_any_size(num_steps: int, dim: int) -> None:
    network = SequenceClassifier(num_steps, dim, 3, -1.0)
    assert network(torch.zeros(2, num_steps, dim)).shape == (2, 3)


def test_fixed_steps_pads_cuts_and_blanks() -> None:
    batch = SequenceBatch(torch.ones(2, 3, 1), torch.tensor([1, 3]))
    assert fixed_steps(batch, 4, -1.0)[..., 0].tolist() == [[1, -1, -1, -1], [1, 1, 1, -1]]
    assert fixed_steps(batch, 2, -1.0)[..., 0].tolist() == [[1, -1], [1, 1]]


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / "mnist").is_dir(), reason="MNIST is not at hand (set SEQGAN_DATA)")
def test_mnist(tmp_path: Path) -> None:
    corpus = prepare_rows(rows_source("mnist", RowsSpec(), data_root=ROOT), tmp_path / "c", RowsSpec(), seed=0)
    assert len(corpus.splits["test"]) == 10_000
    panel = frame_panel(corpus, cache=tmp_path / "cache")
    real = corpus.splits["train"].head(2000)
    found = panel.measure(OnlyBatch(real))
    assert found["label_accuracy"].value >= 0.985
    assert found["classifier_frechet"].value < 1
    assert 0.95 < found["within_class_spread"].value < 1.1
    assert panel.measure(OnlyBatch(noise(real)))["classifier_frechet"].value > 100
    assert panel.measure(OnlyBatch(collapsed(real)))["within_class_spread"].value < 0.01
