"""What `evaluate` measures of a run on sounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.metrics.frames import classifier_training
from seqgan_toolkit.recipe.schema import Recipe


def test_clips_are_judged_beside_real_ones_and_copies(
    tiny_rows: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 3)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 0)
    sounds = "data={kind: audio, source: plucks, num_clips: 96, max_seconds: 0.2}"
    stages.train(tiny_rows(sounds, "adversarial.steps=1", "generator.frames_per_step=2"), tmp_path / "run")
    evaluation = stages.evaluate(tmp_path / "run", num=24)
    figures, references = evaluation["models"]["adversarial"], evaluation["references"]
    assert {"pitch_within_50_cents", "label_accuracy", "clip_frechet", "comb", "two_sample_accuracy"} <= set(figures)
    assert set(references["sharpness_time"]) == {"real", "noise", "training_copy", "copy_synthesis"}
    assert references["nearest_clip_ratio"]["real"] == 0
    assert references["nearest_clip_ratio"]["training_copy"] < 0.75
    assert references["pitch_within_50_cents"]["real"] == 1
    assert references["clip_frechet"]["copy_synthesis"] < references["clip_frechet"]["noise"]
    assert (tmp_path / "cache" / "classifiers").is_dir()
