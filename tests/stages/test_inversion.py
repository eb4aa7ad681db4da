"""Latent inversion of a run: of both splits, and of generators that have a noise to search for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages import inversion
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model


def test_barely_trained_generator_knows_nothing_by_heart(
    rows_run: Path, text_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inversion, "NUM_SEQUENCES", 32)
    evaluation = stages.evaluate(rows_run, num=20)
    ratio = evaluation["models"]["adversarial"]["inversion_training_ratio"]
    assert ratio["interval"][0] < 1 < ratio["interval"][1]
    assert "inversion_error" not in evaluation["references"]
    directory = RunDirectory(text_run)
    assert inversion.inversion_figures(load_model(directory, "adversarial"), Corpus(directory.corpus)) == {}


def test_training_data_known_by_heart_are_found(rows_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = RunDirectory(rows_run)
    corpus, model = Corpus(directory.corpus), load_model(directory, "adversarial")
    made = model.generator(torch.arange(16) % 10, 16, Draws(1, "own"))

    def part(store: SequenceStore, count: int) -> SequenceBatch:
        return made if store is corpus.splits["train"] else store.head(16)

    monkeypatch.setattr(inversion, "random_part", part)
    found = inversion.inversion_figures(model, corpus)["inversion_training_ratio"]
    assert found.value < 0.2
    assert found.note.startswith("warning: ")
