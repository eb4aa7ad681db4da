"""`evaluate` against the validation split: the test split is not read, and its figures are not overwritten."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit import api, stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.frames import classifier_training, forest
from seqgan_toolkit.recipe.schema import Recipe

MakeRecipe = Callable[..., Recipe]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Train the metrics' classifiers for a few steps, and keep nothing of other tests."""
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 10)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 1)
    monkeypatch.setattr(forest, "NUM_TREES", 10)


def with_test_split_of(split: str, run: Path, target: Path) -> Path:
    """Copy a run, and give its corpus another split in place of the test split."""
    shutil.copytree(run, target)
    for path in (target / "corpus").glob(f"{split}.*"):
        shutil.copy(path, path.with_name(path.name.replace(split, "test", 1)))
    return target


def told(evaluation: dict[str, Any]) -> str:
    """Return all that an evaluation says but for the name of the split."""
    return json.dumps(evaluation).replace("valid", "test")


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        pytest.param("text", {"language_model": True, "curve": True}, id="text"),
        pytest.param("labelled text", {}, id="labelled text"),
        pytest.param("grammar", {}, id="grammar"),
        pytest.param("oracle", {}, id="oracle"),
        pytest.param("rows", {"train_on_synthetic": True}, id="rows"),
        pytest.param("audio", {}, id="audio"),
        pytest.param("vocoder", {}, id="vocoder"),
        pytest.param("series", {}, id="series"),
        pytest.param("events", {}, id="events"),
    ],
)
def test_the_figures_are_those_of_a_test_split_of_the_same_sequences(
    data: str, wanted: dict[str, bool], runs: Callable[[str], Path], tmp_path: Path
) -> None:
    run = runs(data)
    found = stages.evaluate(run, num=24, split="valid", **wanted)
    assert found["split"] == "valid"
    expected = stages.evaluate(with_test_split_of("valid", run, tmp_path / "other"), num=24, **wanted)
    assert told(found) == told(expected)
    # What the test split holds does not matter.
    again = stages.evaluate(with_test_split_of("train", run, tmp_path / "leaked"), num=24, split="valid", **wanted)
    assert told(again) == told(found)


@pytest.fixture(scope="module")
def runs(
    tiny_text: MakeRecipe,
    tiny_rows: MakeRecipe,
    tiny_vocoder: MakeRecipe,
    sentences: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Path]:
    """Train a run on a kind of data."""
    classes = tmp_path_factory.mktemp("classes")
    lines = sentences.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, some in (("even", lines[::2]), ("odd", lines[1::2])):
        (classes / f"{name}.txt").write_text("".join(some), encoding="utf-8")
    tokens = ("data.tokenizer=word", "data.max_length=12")
    events = "data={kind: events, source: melodies, num_tunes: 60, max_notes: 12}"
    made = {
        "text": lambda: tiny_text("evaluation.temperatures=[0.5, 1.0]"),
        "labelled text": lambda: tiny_text(f"data.source={classes}", "data.valid_share=0.2", "data.test_share=0.2"),
        "grammar": lambda: tiny_text("data.source=grammar", "data.num_sentences=600", *tokens),
        "oracle": lambda: tiny_text("data={kind: text, source: oracle, num_sentences: 60, max_length: 5}"),
        "rows": lambda: tiny_rows(),
        "audio": lambda: tiny_rows("data={kind: audio, source: plucks, num_clips: 96, max_seconds: 0.2}"),
        "vocoder": lambda: tiny_vocoder("data.valid_share=0.2"),
        "series": lambda: tiny_rows("data={kind: series, source: sines, num_series: 300}"),
        "events": lambda: tiny_text(events),
    }

    def run(data: str) -> Path:
        out = tmp_path_factory.mktemp("valid") / "run"
        stages.train(made[data](), out)
        return out

    return run


def test_each_split_has_its_own_files_and_says_which(text_run: Path, tmp_path: Path, capsys: Any) -> None:
    run = tmp_path / "run"
    shutil.copytree(text_run, run, ignore=shutil.ignore_patterns("evaluation*"))  # other tests measure it too
    assert main(["evaluate", str(run), "--num", "20", "--split", "valid"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "against the valid split"
    assert f"against the {len(Corpus(run / 'corpus').splits['valid'])} of the valid split" in said.err
    assert not (run / "evaluation.json").exists(), "nothing is told of the test split"
    before = (run / "evaluation-valid.json").read_bytes()
    assert main(["evaluate", str(run), "--num", "20"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "against the test split"
    assert (run / "evaluation-valid.json").read_bytes() == before
    assert api.load(run).evaluation["split"] == "test"
    assert api.load(run).evaluate(20, split="valid")["split"] == "valid"


def test_a_run_without_a_validation_split_is_refused(tiny_text: MakeRecipe, tmp_path: Path, capsys: Any) -> None:
    stages.train(tiny_text("data.valid_share=0"), tmp_path / "run")
    assert main(["evaluate", str(tmp_path / "run"), "--split", "valid"]) == 2
    assert "there is no valid split to measure against (it has 0" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "run"), "--split", "train"]) == 2
