"""What `evaluate` measures, and where it gets it from."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.metrics.frames import classifier_training, forest
from seqgan_toolkit.metrics.series import discriminative_score, predictive_score
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model

MakeRecipe = Callable[..., Recipe]


@pytest.fixture(scope="module")
def plain_run(tiny_text: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without noise, whose likelihood is exact."""
    out = tmp_path_factory.mktemp("evaluated") / "run"
    quiet = ("generator.noise_dim=0", "generator.step_noise_dim=0", "evaluation.temperatures=[0.5, 1.0, 2.0]")
    stages.train(tiny_text(*quiet), out)
    return out


def test_held_out_likelihood_is_that_of_the_test_split_and_not_of_training(plain_run: Path) -> None:
    figures = stages.evaluate(plain_run, num=20)["models"]["teacher_forced"]
    corpus, generator = Corpus(plain_run / "corpus"), load_model(RunDirectory(plain_run), "teacher_forced").generator
    per_token = {
        split: float(held_out_nll(generator, store, Draws(0, "none")).sum() / store.lengths.sum())
        for split, store in corpus.splits.items()
    }
    assert figures["held_out_nll"]["value"] == pytest.approx(per_token["test"], abs=1e-9)
    assert abs(per_token["train"] - per_token["test"]) > 1e-4


def test_a_curve_has_every_temperature_and_is_drawn(plain_run: Path) -> None:
    evaluation = stages.evaluate(plain_run, num=30, curve=True, language_model=True)
    curve = json.loads((plain_run / "curve.json").read_text(encoding="utf-8"))
    assert curve["temperatures"] == [0.5, 1.0, 2.0]
    assert list(curve["models"]) == ["teacher_forced", "adversarial"]
    for name, points in curve["models"].items():
        assert len(points) == 3
        assert points[1] == json.loads(json.dumps(evaluation["models"][name])), "1 is the usual evaluation"
    pairs = [(plane["quality"], plane["diversity"]) for plane in evaluation["curve"]]
    assert pairs == [("bleu_4", "self_bleu_4"), ("bleu_4", "held_out_nll"), ("lm_score", "reverse_lm_score")]
    assert (plain_run / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((plain_run / "evaluation.json").read_text(encoding="utf-8")) == json.loads(json.dumps(evaluation))


def test_what_is_measured_before_a_curve_is_kept_when_the_curve_fails(
    plain_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    (plain_run / "evaluation.json").unlink(missing_ok=True)
    monkeypatch.setattr(import_module("seqgan_toolkit.stages.evaluate"), "write_curve", stop)
    with pytest.raises(KeyboardInterrupt):
        stages.evaluate(plain_run, num=20, curve=True)
    kept = json.loads((plain_run / "evaluation.json").read_text(encoding="utf-8"))
    assert kept["models"]["adversarial"]["bleu_4"]["value"] is not None
    assert "curve" not in kept


def test_figures_of_more_samples_stay_until_the_models_are_others(
    plain_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(plain_run, run)
    file = run / "evaluation.json"
    file.unlink(missing_ok=True)
    stages.evaluate(run, num=30)
    before = file.read_bytes()
    assert json.loads(before)["num_samples"] == 30
    capsys.readouterr()
    few = stages.evaluate(run, num=20, curve=True)
    assert f"{file} has figures of 30 samples and stays as it is: those of 20 go to evaluation-20.json\n" in (
        capsys.readouterr().err
    )
    assert file.read_bytes() == before
    assert json.loads((run / "evaluation-20.json").read_text(encoding="utf-8")) == json.loads(json.dumps(few))
    assert (run / "curve-20.json").is_file()
    assert (run / "curve-20.png").is_file()
    later = file.stat().st_mtime + 10
    os.utime(run / "checkpoints" / "adversarial.pt", (later, later))
    stages.evaluate(run, num=20)
    assert json.loads(file.read_text(encoding="utf-8"))["num_samples"] == 20


def test_few_held_out_sequences_are_warned_of(
    plain_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    num = len(Corpus(plain_run / "corpus").splits["test"])
    warning = f"warning: the test split has {num} sequences, and figures against so few are mostly chance\n"
    for few, said in ((num, False), (num + 1, True)):
        monkeypatch.setattr(import_module("seqgan_toolkit.stages.evaluate"), "FEW_HELD_OUT", few)
        stages.evaluate(plain_run, num=20)
        assert (warning in capsys.readouterr().err) == said


def test_labels_of_sentences_are_judged(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    source = tmp_path / "classes"
    source.mkdir()
    for name, word in (("cats", "cat"), ("dogs", "dog")):
        lines = [f"a {word} number {number} sleeps ." for number in range(60)]
        (source / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    stages.train(tiny_text(f"data.source={source}", "adversarial=null", "discriminator=null"), tmp_path / "run")
    evaluation = stages.evaluate(tmp_path / "run", num=20)
    assert evaluation["references"]["label_accuracy"]["real"] == 1.0
    assert "1.0000" in evaluation["models"]["teacher_forced"]["label_accuracy"]["note"]


def test_neither_is_measured_unasked(plain_run: Path) -> None:
    evaluation = stages.evaluate(plain_run, num=20)
    assert set(evaluation) == {"split", "num_samples", "models", "references"}
    assert "lm_score" not in evaluation["models"]["adversarial"]


def test_a_curve_is_for_text(rows_run: Path, tiny_rows: MakeRecipe) -> None:
    with pytest.raises(UserError, match="'text' .found 'rows'"):
        stages.evaluate(rows_run, num=20, curve=True)
    with pytest.raises(UserError, match="evaluation.curve"):
        tiny_rows("evaluation.curve=true")


def test_networks_are_trained_on_frames_when_asked_and_references_are_kept(
    rows_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path))
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 10)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 1)
    monkeypatch.setattr(forest, "NUM_TREES", 20)
    evaluation = stages.evaluate(rows_run, num=20, train_on_synthetic=True)
    (kept,) = (tmp_path / "references").glob("synthetic-training-*")
    assert f"-{len(Corpus(rows_run / 'corpus').splits['train'])}-" in kept.name
    assert evaluation["references"]["two_sample_forest"]["noise"] > 0.9
    assert evaluation["references"]["tstr_forest"]["real"] > 0.8
    assert evaluation["references"]["tstr_forest"]["noise"] < 0.5
    assert "trained on 1257" in evaluation["models"]["adversarial"]["tstr_cnn"]["note"]
    text = kept.read_text(encoding="utf-8").replace('"value": ', '"value": 1')
    kept.write_text(text, encoding="utf-8")
    again = stages.evaluate(rows_run, num=20, train_on_synthetic=True)
    assert again["references"]["tstr_forest"]["real"] > 10, "what was kept is read"
    assert again["models"] == evaluation["models"]
    assert "tstr_cnn" not in stages.evaluate(rows_run, num=20)["models"]["adversarial"]


def test_text_is_not_trained_on(plain_run: Path, tiny_text: MakeRecipe) -> None:
    with pytest.raises(UserError, match="language_model"):
        stages.evaluate(plain_run, num=20, train_on_synthetic=True)
    with pytest.raises(UserError, match="measures frames"):
        tiny_text("evaluation.train_on_synthetic=true")


@pytest.fixture
def sines_run(tiny_rows: MakeRecipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A run of series that is scored by networks, which hardly train."""
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path))
    for module in (discriminative_score, predictive_score):
        monkeypatch.setattr(module, "ITERATIONS", 3)
    series = ("data={kind: series, source: sines, num_series: 300}", "adversarial.steps=1", "evaluation.repeats=2")
    stages.train(tiny_rows(*series, "evaluation.train_on_synthetic=true"), tmp_path / "run")
    return tmp_path / "run"


def test_series_are_scored_by_networks_when_asked(sines_run: Path) -> None:
    evaluation = stages.evaluate(sines_run, num=30)
    figures = evaluation["models"]["adversarial"]
    assert {"spread", "mmd2", "nearest_training_ratio", "spectrum_distance", "discriminative_score"} <= set(figures)
    assert "2 networks" in figures["predictive_score_timegan"]["note"]
    assert evaluation["references"]["discriminative_score"]["noise"] is not None
    assert evaluation["references"]["autocorrelation_distance"]["real"] < 0.3


def test_a_model_keeps_its_scores_where_the_references_are_cut_short(
    sines_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("seqgan_toolkit.stages.evaluate"), "trained_references", stopped)
    with pytest.raises(KeyboardInterrupt):
        stages.evaluate(sines_run, num=30)
    kept = json.loads((sines_run / "evaluation.json").read_text(encoding="utf-8"))
    assert kept["models"]["adversarial"]["discriminative_score"]["value"] is not None
    assert kept["references"]["spectrum_distance"]["real"] is not None
    assert "discriminative_score" not in kept["references"]


def test_references_are_kept_one_by_one(
    sines_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.evaluate(sines_run, num=30)
    (path,) = (tmp_path / "references").glob("series-scores-*")
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({"real": kept["real"]}), encoding="utf-8")
    capsys.readouterr()
    stages.evaluate(sines_run, num=30)
    said = capsys.readouterr().err
    assert "the reference 'noise'" in said
    assert "the reference 'real'" not in said
    assert json.loads(path.read_text(encoding="utf-8")) == kept


def test_images_without_labels_are_told_from_real_ones_alone(
    tiny_rows: MakeRecipe, rows_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forest, "NUM_TREES", 20)
    values = Corpus(rows_run / "corpus").splits["train"].head(300).values
    np.save(tmp_path / "images.npy", ((values.numpy() + 1) * 127).astype(np.uint8))
    stages.train(tiny_rows(f"data.source={tmp_path / 'images.npy'}", "adversarial.steps=1"), tmp_path / "run")
    figures = stages.evaluate(tmp_path / "run", num=20, train_on_synthetic=True)["models"]["adversarial"]
    assert figures["two_sample_forest"]["value"] > 0.9, "nothing is learnt yet"
    assert "tstr_forest" not in figures, "nothing can be classified"
