"""The attack on a run's discriminator: it finds what was learnt by heart, and takes whole groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages import attack
from seqgan_toolkit.stages.attack import attack_figures, grouped
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model


def figures(run: Path) -> dict[str, float | None]:
    directory = RunDirectory(run)
    found = attack_figures(directory, load_model(directory, "adversarial"), Corpus(directory.corpus))
    return {name: measured.value for name, measured in found.items()}


def test_groups_are_whole_and_of_one_label(rows_run: Path) -> None:
    store = Corpus(rows_run / "corpus").splits["test"]
    chosen = grouped(store, 4)
    assert len(set(chosen)) == len(chosen) > 0.9 * len(store)
    assert all(len(set(store.labels[chosen[first : first + 4]])) == 1 for first in range(0, len(chosen), 4))
    assert len(chosen) % 4 == 0


def test_barely_trained_discriminator_knows_nothing(rows_run: Path) -> None:
    assert figures(rows_run)["discriminator_attack_auc"] == pytest.approx(0.5, abs=0.05)
    evaluation = stages.evaluate(rows_run, num=20)
    assert "discriminator_attack_auc" in evaluation["models"]["adversarial"]
    assert "discriminator_attack_auc" not in evaluation["references"]


def test_training_data_known_by_heart_are_found(rows_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = Corpus(rows_run / "corpus").splits["train"]
    known = {values.numpy().tobytes() for values in train.batch(range(len(train))).values}

    def by_heart(discriminator: Discriminator, batch: SequenceBatch, device: torch.device) -> torch.Tensor:
        return torch.tensor([float(values.numpy().tobytes() in known) for values in batch.values])

    monkeypatch.setattr(attack, "mean_scores", by_heart)
    assert figures(rows_run)["discriminator_attack_auc"] > 0.99


def test_packs_have_no_score_of_one_sequence(tiny_rows: Callable[..., Recipe], tmp_path: Path) -> None:
    stages.train(tiny_rows("discriminator.packing=2", "adversarial.steps=1"), tmp_path / "run")
    assert figures(tmp_path / "run") == {}
