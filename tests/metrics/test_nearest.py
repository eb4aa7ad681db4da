"""The distance to the training data: a copy is flagged, new data are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.evaluation_table import table
from seqgan_toolkit.metrics.frames import nearest
from seqgan_toolkit.metrics.frames.nearest import NearestPanel, nearest_distances
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Uniform noise of 3 to 5 steps; the test split is of the law of the training split."""
    generator = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path_factory.mktemp("near") / "c", FrameSpace(2))
    for index in range(400):
        writer.add("train" if index < 300 else "test", generator.uniform(-1, 1, (generator.integers(3, 6), 2)), None)
    return writer.close(domain={})


def fresh(rows: int, seed: int) -> SequenceBatch:
    generator = np.random.default_rng(seed)
    lengths = torch.from_numpy(generator.integers(3, 6, rows))
    batch = SequenceBatch(torch.from_numpy(generator.uniform(-1, 1, (rows, 5, 2))).float(), lengths)
    return SequenceBatch(torch.where(batch.mask[..., None], batch.values, -1.0), lengths)


def test_new_data_have_one_and_are_not_flagged(corpus: Corpus) -> None:
    found = NearestPanel(corpus).measure(Sample(fresh(500, 1), []))
    low, high = found["nearest_training_ratio"].interval
    assert low - 0.1 < 1 < high + 0.1
    assert "warning" not in found["nearest_training_ratio"].note
    assert found["training_copies"].value == 0


def test_training_copy_is_flagged_in_the_figure_and_below_the_table(corpus: Corpus) -> None:
    found = NearestPanel(corpus).measure(Sample(corpus.splits["train"].head(50), []))
    assert found["nearest_training_ratio"].value == 0
    assert found["training_copies"].value == 1
    figures = {"adversarial": {name: measured.as_dict() for name, measured in found.items()}}
    (line,) = [line for line in table({"models": figures}) if line.startswith("warning")]
    assert "learnt by heart" in line
    assert "nearest_training_ratio, adversarial" in line


def test_half_copies_are_counted(corpus: Corpus) -> None:
    copies, new = corpus.splits["train"].head(50), fresh(50, 2)
    values, lengths = torch.cat([copies.values, new.values]), torch.cat([copies.lengths, new.lengths])
    found = NearestPanel(corpus).measure(Sample(SequenceBatch(values, lengths), []))
    assert found["training_copies"].value == 0.5
    assert found["nearest_training_ratio"].value == pytest.approx(0.5, abs=0.1)


def test_blocks_find_the_same_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    points, training = fresh(40, 3).values.flatten(1), fresh(101, 4)
    expected = torch.cdist(points.double(), training.values.flatten(1).double()).min(1).values
    monkeypatch.setattr(nearest, "BLOCK", 25)
    torch.testing.assert_close(nearest_distances(points, HeldSequences(training), 5, -1.0), expected)


def test_without_held_out_data_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    writer = CorpusWriter(tmp_path / "c", FrameSpace(2))
    for _ in range(5):
        writer.add("train", np.zeros((3, 2)), None)
    found = NearestPanel(writer.close(domain={})).measure(Sample(fresh(4, 0), []))
    assert found["nearest_training_ratio"].value is None
