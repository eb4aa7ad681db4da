"""The best model of all previews is kept, and told apart from the last one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages import best
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model, models_of
from seqgan_toolkit.training.checkpoints import load

SETTINGS = (
    "adversarial.steps=4",
    "logging={log_every: 1, preview_every: 1, checkpoint_every: 1, keep: 9, keep_best: true}",
)


def looks(run: Path) -> dict[int, float]:
    lines = map(json.loads, (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
    return {line["step"]: line["distance"] for line in lines if line["phase"] == "best"}


def test_the_best_of_all_previews_is_kept_and_found_again(
    tiny_rows: Callable[..., Recipe],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut_short: Callable[[Path, int], Path],
    same: Callable[[Any, Any], None],
) -> None:
    monkeypatch.setattr(best, "NUM_SAMPLES", 64)
    recipe, run = tiny_rows(*SETTINGS), tmp_path / "run"
    stages.train(recipe, run)
    found = looks(run)
    assert len(found) == 4
    step = min(found, key=lambda step: found[step])
    kept = load(run / "checkpoints" / "best.pt")
    assert (kept["step"], kept["distance"]) == (step, found[step])
    same(kept["parts"]["average"], load(run / "checkpoints" / f"step-{step:08d}.pt")["parts"]["average"])
    directory = RunDirectory(run)
    assert models_of(directory) == ["adversarial", "best"]
    assert load_model(directory, None).checkpoint == "best.pt"
    again = cut_short(run, 2)
    stages.train(recipe, again)
    resumed = load(again / "checkpoints" / "best.pt")
    best_of_rest = min((3, 4), key=lambda step: found[step])
    assert (resumed["step"], resumed["distance"]) == (best_of_rest, found[best_of_rest])


def test_the_best_so_far_survives_an_interruption(
    tiny_rows: Callable[..., Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best, "NUM_SAMPLES", 64)
    monkeypatch.setattr(best, "frechet_distance", lambda one, other: 1.0)
    run = tmp_path / "run"
    stages.train(tiny_rows(*SETTINGS), run)
    assert load(run / "checkpoints" / "best.pt")["step"] == 1, "an equal one is no better"
    (run / "checkpoints" / "adversarial.pt").unlink()
    for step in (2, 3, 4):
        (run / "checkpoints" / f"step-{step:08d}.pt").unlink()
    monkeypatch.setattr(best, "frechet_distance", lambda one, other: 2.0)
    stages.train(tiny_rows(*SETTINGS), run)
    assert load(run / "checkpoints" / "best.pt")["distance"] == 1.0


def test_tokens_have_no_frames_to_measure(tiny_text: Callable[..., Recipe]) -> None:
    with pytest.raises(UserError, match="keep_best"):
        tiny_text("logging.keep_best=true")
