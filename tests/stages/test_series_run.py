"""From a table of one's own to generated tables."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.metrics.frames import classifier_training, forest
from seqgan_toolkit.metrics.series import discriminative_score, predictive_score
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import Recipe

TINY_SERIES = """\
name: tiny_series
seed: 3
device: cpu
threads: 1
data: {kind: series, source: SOURCE, group: id, label: kind, static: [height], missing: mask, window: 6}
generator: {kind: frames, hidden_dim: 8, noise_dim: 4, context_dim: 4, head_dim: 8, label_dim: 2}
discriminator:
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 8}
    - {kind: convolutional, widths: [3], channels: 4}
  dense_dim: 8
  group_size: 4
  group_dim: 4
adversarial:
  steps: 4
  batch_size: 8
  estimator: {kind: pathwise}
  penalty: {gamma: 1.0, every: 2, sigma: 0.1}
logging: {log_every: 1, preview_every: 2, checkpoint_every: 2, keep: 100, num_preview: 4}
"""


@pytest.fixture(scope="module")
def tiny_series(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Recipe]:
    """Make a tiny recipe for a table with groups, labels, static attributes and gaps, with overrides."""
    path = tmp_path_factory.mktemp("series") / "people.csv"
    rng = np.random.default_rng(0)
    lines = ["id,kind,height,pulse,steps"]
    for person in range(20):
        pulse = 60 + 10 * rng.random() + rng.standard_normal(12).cumsum()
        known = f"p{person},{('calm', 'busy')[person % 2]},{150 + person}"
        lines += [f"{known},{beat:.1f},{minute * 9 if minute % 7 else ''}" for minute, beat in enumerate(pulse)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lambda *overrides: parse_recipe(TINY_SERIES.replace("SOURCE", str(path)), "tiny_series.yaml", overrides)


@pytest.fixture(scope="module")
def series_run(tiny_series: Callable[..., Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of it."""
    out = tmp_path_factory.mktemp("runs") / "series"
    stages.train(tiny_series(), out)
    return out


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_goes_in_and_a_table_comes_out(series_run: Path, tmp_path: Path) -> None:
    paths = stages.generate(series_run, Wanted(num=6), out=tmp_path / "out")
    assert [path.name for path in paths] == ["series.csv", "series.png", "samples.json"]
    rows = table(paths[0])
    assert list(rows[0]) == ["series", "step", "kind", "height", "pulse", "steps"]
    assert [row["kind"] for row in rows[::6]] == ["busy", "calm"] * 3
    assert all(150 <= float(row["height"]) <= 169 and len(row["pulse"].split(".")[1]) == 1 for row in rows)
    assert all(row["steps"] == "" or 0 <= int(row["steps"]) <= 99 for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows) == 36
    assert any((series_run / "samples").rglob("series.png")), "a preview is made while training"


def test_generated_windows_are_joined_on_request(
    series_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["generate", str(series_run), "--num", "6", "--stitched", "--out", str(out)]) == 0
    printed = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert printed == ["series.csv", "series.png", "stitched.csv", "samples.json"]
    rows = table(out / "stitched.csv")
    assert list(rows[0]) == ["series", "step", "kind", "pulse", "steps"]
    # Windows of 6 that overlap in one step, three of each label.
    assert [sum(row["kind"] == kind for row in rows) for kind in ("busy", "calm")] == [3 * 5 + 1] * 2
    windows = table(out / "series.csv")
    inner = {row["pulse"] for row in windows if 1 <= int(row["step"]) <= 4}
    assert inner <= {row["pulse"] for row in rows}
    stages.generate(series_run, Wanted(num=2), out=out)
    assert not (out / "stitched.csv").exists(), "an older file does not pass for this call's"


def test_only_windows_can_be_joined(rows_run: Path, tiny_series: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--stitched joins windows of series \(data.window\), and .* makes rows"):
        stages.generate(rows_run, Wanted(stitched=True), out=tmp_path / "out")
    whole = tmp_path / "whole"
    stages.train(tiny_series("data.window=null", "adversarial.steps=2"), whole)
    with pytest.raises(UserError, match="makes whole series"):
        stages.generate(whole, Wanted(stitched=True))
    assert not (tmp_path / "out").exists()
    assert {len(one.values) for one in stages.sample(whole, Wanted(num=3))} == {12}


def test_given_attributes_condition_what_is_generated_and_classify_it(
    tiny_series: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (discriminative_score, predictive_score):
        monkeypatch.setattr(module, "ITERATIONS", 2)
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 5)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 0)
    monkeypatch.setattr(forest, "NUM_TREES", 20)
    given = ("data.label=[kind, height]", "data.static=[]", "adversarial.steps=1", "evaluation.repeats=1")
    stages.train(tiny_series(*given), tmp_path / "run")
    paths = stages.generate(tmp_path / "run", Wanted(num=20, label="kind=calm"), out=tmp_path / "out")
    rows = table(paths[0])
    assert {row["kind"] for row in rows} == {"calm"}
    assert len({row["height"] for row in rows}) > 1, "all heights of calm people in turn"
    one = stages.sample(tmp_path / "run", Wanted(num=2, label="kind=calm,height=150"))
    assert {series.label for series in one} == {"kind=calm,height=150"}
    figures = stages.evaluate(tmp_path / "run", num=20, train_on_synthetic=True)["models"]["adversarial"]
    assert {"tstr_cnn", "trts_forest", "discriminative_score", "two_sample_forest"} <= set(figures)


def test_training_goes_on_where_it_stopped(
    series_run: Path, tiny_series: Any, cut_short: Any, same: Any, tmp_path: Path
) -> None:
    import torch

    resumed = cut_short(series_run, 2)
    stages.train(tiny_series(), resumed)
    found, expected = (torch.load(run / "checkpoints" / "adversarial.pt") for run in (resumed, series_run))
    same(found, expected)
