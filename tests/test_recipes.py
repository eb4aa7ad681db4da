"""Every recipe that comes with the project is in order, and goes from raw data to samples."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.build.data import NAMED_SERIES
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.metrics.frames import classifier_training
from seqgan_toolkit.recipe.loading import load_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import MODELS

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "recipes").rglob("*.yaml"))
EXPERIMENTS = sorted((ROOT / "egs").rglob("conf/*.yaml"))
ORACLE = ROOT / "egs" / "seqgan_oracle" / "conf"
# What the `init_from` of an experiment, or the only member of its ensemble, is a run of.
CAPTIONS = ROOT / "egs" / "coco_captions" / "conf"
DONORS = {
    ORACLE / "residual.yaml": ORACLE / "mle_tuned.yaml",
    ORACLE / "backward.yaml": ORACLE / "mle_tuned.yaml",
    CAPTIONS / "backward.yaml": CAPTIONS / "text_lstm.yaml",
}
BUILT_IN = {"grammar", "oracle", "plucks", "digits", "sines", "melodies"}
SMALL = {
    "device": "cpu",
    "threads": 1,
    "generator.hidden_dim": 16,
    "logging.preview_every": 2,
    "logging.num_preview": 4,
    "evaluation.num_samples": 20,
}
FEW_SENTENCES = {"data.num_sentences": 200}
SMALL_DATA = {
    "grammar": FEW_SENTENCES,
    "oracle": FEW_SENTENCES,
    "seqgan_oracle": FEW_SENTENCES,
    "plucks": {"data.num_clips": 48},
    "digits": {},
    "sines": {"data.num_series": 60},
    "melodies": {"data.num_tunes": 60},
}
FILES = {
    "text": "sentences.txt",
    "audio": "clip-0000.wav",
    "rows": "image-0000.png",
    "series": "series.csv",
    "events": "tune-0000.mid",
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def two_steps(path: Path, changes: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe with two steps of every phase that it has, in a small size."""
    recipe = load_recipe(path)
    overrides: dict[str, Any] = {**SMALL, **SMALL_DATA.get(recipe.data.source, {}), **(changes or {})}
    if recipe.data.kind == "audio" and recipe.data.makes_tokens:
        overrides["data.quantiser.steps"] = 2
    if recipe.teacher_forcing is not None:
        overrides |= {"teacher_forcing.steps": 2, "teacher_forcing.batch_size": 8}
    if recipe.adversarial is not None:
        overrides |= {"adversarial.steps": 2, "adversarial.batch_size": 8}
        overrides["adversarial.pretraining_steps"] = min(2, recipe.adversarial.pretraining_steps)
        overrides["adversarial.discriminator_steps"] = min(2, recipe.adversarial.discriminator_steps)
        estimator = recipe.adversarial.estimator
        if estimator.kind == "reinforce" and estimator.reward.kind in ("rollout", "rank"):
            overrides["adversarial.estimator.reward.num_rollouts"] = 2
    if recipe.cooperative is not None:
        overrides |= {"cooperative.steps": 2, "cooperative.batch_size": 8}
    if recipe.timegan is not None:
        small = {"autoencoding_steps": 2, "supervising_steps": 2, "steps": 2, "batch_size": 8}
        overrides |= {f"timegan.{key}": value for key, value in small.items()}
    if recipe.vocoder is not None:
        overrides |= {"vocoder.steps": 2, "vocoder.pretraining_steps": 1, "vocoder.batch_size": 8}
    if recipe.residual is not None:
        small = {
            "steps": 2,
            "batch_size": 8,
            "calibrate_every": 1,
            "calibration_samples": 100,
            "partition_samples": 100,
        }
        overrides |= {f"residual.{key}": value for key, value in small.items()}
        if recipe.residual.backward is not None:
            overrides |= {"residual.backward.steps": 2, "residual.backward.batch_size": 8}
    if recipe.generator.kind == "ensemble":
        del overrides["generator.hidden_dim"]
    return load_recipe(path, overrides)


def check_samples(directory: Path, recipe: Recipe, num: int) -> None:
    assert (directory / FILES[recipe.data.kind]).stat().st_size > 0
    described = json.loads((directory / "samples.json").read_text(encoding="utf-8"))
    assert described["recipe"] == recipe.name
    assert len(described["samples"]) == num


@pytest.fixture
def hasty_classifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the metrics' classifier train for a moment, in a cache of its own: here its figures mean nothing."""
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path / "cache"))
    for name in ("FEWEST_STEPS", "MOST_STEPS"):
        monkeypatch.setattr(classifier_training, name, 10)


def test_there_are_recipes() -> None:
    assert {"text_lstm", "audio_lstm", "mnist_lstm", "series_relativistic"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("path", [*SHIPPED, *EXPERIMENTS], ids=named)
def test_a_recipe_is_in_order(path: Path) -> None:
    load_recipe(path)


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_a_shipped_recipe_is_short_and_needs_no_network(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80
    assert load_recipe(path).data.source in BUILT_IN


@pytest.mark.usefixtures("hasty_classifier")
@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_a_shipped_recipe_runs_from_raw_data_to_figures(path: Path, tmp_path: Path) -> None:
    recipe, out = two_steps(path), tmp_path / "run"
    stages.run(recipe, out)
    check_samples(out / "generated", recipe, 20)
    assert any((out / "samples").rglob("*.*")), "a preview is made while training"
    text = (out / "evaluation.json").read_text(encoding="utf-8")
    check_evaluation(json.loads(text, parse_constant=not_json), recipe)


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} in evaluation.json, which JSON does not have")


def check_evaluation(evaluation: dict[str, Any], recipe: Recipe) -> None:
    trained = {model for model, phase in MODELS.items() if getattr(recipe, phase, None) is not None}
    if recipe.residual is not None and recipe.residual.backward is not None:
        trained |= {"backward", "product"}
    assert set(evaluation) == {"split", "num_samples", "models", "references"}
    # A vocoder is measured beside the decoder that needs no training.
    assert set(evaluation["models"]) == trained | ({"griffin_lim"} if recipe.vocoder else set())
    for figures in evaluation["models"].values():
        assert figures
        for figure in figures.values():
            assert {"value", "interval", "version", "higher_is_better"} <= figure.keys()
            assert figure["interval"] is None or figure["interval"][0] <= figure["value"] <= figure["interval"][1]
    copies = {"copy_synthesis"} if recipe.data.kind == "audio" else set()
    for references in evaluation["references"].values():
        assert set(references) == {"real", "noise", "training_copy", *copies}


@pytest.mark.slow
@pytest.mark.parametrize("path", EXPERIMENTS, ids=named)
def test_an_experiment_runs_on_its_data(path: Path, tmp_path: Path) -> None:
    donor = str(tmp_path / "donor")
    ensemble = load_recipe(path).generator.kind == "ensemble"
    from_donor = {"generator.runs": [donor]} if ensemble else {"init_from.run": donor}
    recipe = two_steps(path, from_donor if path in DONORS else {})
    root = os.environ.get("SEQGAN_DATA")
    folder = "timeseries" if recipe.data.source in NAMED_SERIES else recipe.data.source
    if recipe.data.source not in BUILT_IN and not (root and (Path(root) / folder).is_dir()):
        pytest.skip(f"the data set '{recipe.data.source}' is not in SEQGAN_DATA ({root})")
    if path in DONORS:
        stages.train(two_steps(DONORS[path]), tmp_path / "donor")
    stages.train(recipe, tmp_path / "run")
    stages.generate(tmp_path / "run", Wanted(num=3))
    check_samples(tmp_path / "run" / "generated", recipe, 3)
