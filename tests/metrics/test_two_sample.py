"""A forest that tells samples from real sequences: chance for one law, certainty for another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.metrics.frames import forest
from seqgan_toolkit.metrics.frames.two_sample import TwoSamplePanel, chance
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


@pytest.fixture
def corpus(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """Frames of uniform values, of one to four steps; and few trees."""
    monkeypatch.setattr(forest, "NUM_TREES", 40)
    rng = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path_factory.mktemp("uniform") / "c", FrameSpace(2))
    for index in range(600):
        writer.add("train" if index % 2 else "test", rng.uniform(-0.5, 0.5, (rng.integers(1, 5), 2)), None)
    return writer.close(domain={})


def measured(corpus: Corpus, batch: SequenceBatch) -> tuple[float | None, str]:
    found = TwoSamplePanel(corpus).measure(Sample(batch, []))["two_sample_forest"]
    return found.value, found.note


def test_one_law_is_chance_and_another_is_told(corpus: Corpus) -> None:
    real = corpus.splits["train"].batch(np.arange(300))
    same, note = measured(corpus, real)
    assert same == pytest.approx(0.5, abs=0.12)
    assert "150 of the test split" in note
    moved, note = measured(corpus, SequenceBatch(real.values + 0.4, real.lengths))
    assert moved > 0.8
    assert float(note.split("p = ")[1]) < 1e-6
    assert measured(corpus, SequenceBatch(real.values, torch.ones_like(real.lengths)))[0] > 0.6, "lengths count too"


def test_chance_is_the_normal_tail() -> None:
    assert chance(50, 100) == 0.5
    assert chance(60, 100) == pytest.approx(0.02275, abs=1e-5)  # two standard deviations


def test_too_few_have_no_figure(corpus: Corpus) -> None:
    assert measured(corpus, corpus.splits["train"].head(9))[0] is None
