"""The residual and the cooperative phase and ensembles, from a recipe to figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.training.checkpoints import load

Same = Callable[[Any, Any], None]
CutShort = Callable[[Path, int], Path]
MakeRecipe = Callable[..., Recipe]
RESIDUAL = (
    "residual={steps: 4, batch_size: 16, calibrate_every: 2, calibration_samples: 100, embedding: from_generator, "
    "num_proposals: 4, partition_samples: 200, optimizer: {lr: 1e-2}}"
)
COOPERATIVE = "cooperative={steps: 4, batch_size: 16, mediator_steps: 2}"
ONLY_SEQUENCES = ("adversarial=null", "discriminator.word_dropout=0.2", "logging.checkpoint_every=1")


def ensemble_of(*runs: Path) -> str:
    return f"generator={{kind: ensemble, runs: [{', '.join(map(str, runs))}]}}"


@pytest.fixture(scope="module")
def residual_run(tiny_text: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps of teacher forcing, four of the residual phase."""
    out = tmp_path_factory.mktemp("runs") / "residual"
    stages.train(tiny_text(*ONLY_SEQUENCES, RESIDUAL), out)
    return out


@pytest.fixture(scope="module")
def cooperative_run(tiny_text: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps of teacher forcing, four of the cooperative phase."""
    out = tmp_path_factory.mktemp("runs") / "cooperative"
    stages.train(tiny_text(*ONLY_SEQUENCES, COOPERATIVE), out)
    return out


@pytest.mark.parametrize("steps", [4, 5, 6, 7])
@pytest.mark.parametrize("phase", ["residual", "cooperative"])
def test_they_go_on_bit_for_bit(
    request: pytest.FixtureRequest, cut_short: CutShort, same: Same, phase: str, steps: int
) -> None:
    whole = request.getfixturevalue(f"{phase}_run")
    run = cut_short(whole, steps)
    torch.manual_seed(steps)
    stages.train(RunDirectory(run).recipe(), run)
    same(*(load(path / "checkpoints" / f"{phase}.pt") for path in (run, whole)))


def test_the_generator_is_at_rest_while_its_residual_is_learnt(residual_run: Path, same: Same) -> None:
    before, after = (load(residual_run / "checkpoints" / f"{name}.pt") for name in ("teacher_forcing", "residual"))
    same(after["parts"]["average"], before["parts"]["average"])


def test_a_residual_model_is_measured_beside_its_generator(residual_run: Path) -> None:
    models = stages.evaluate(residual_run, num=50)["models"]
    assert list(models) == ["teacher_forced", "residual"]
    plain, tilted = (model["held_out_nll"]["value"] for model in models.values())
    tokens = int(Corpus(residual_run / "corpus").splits["test"].offsets[-1])
    sequences = len(Corpus(residual_run / "corpus").splits["test"])
    gain = models["residual"]["residual_gain"]["value"]
    assert plain - tilted == pytest.approx(gain * sequences / tokens, abs=1e-6)
    assert models["residual"]["effective_share"]["value"] <= 1
    low, high = models["residual"]["log_partition"]["interval"]
    assert low <= models["residual"]["log_partition"]["value"] <= high


def test_samples_are_chosen_among_proposals(residual_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages.generate(residual_run, Wanted(num=5))
    assert "each chosen among 4 proposals, of which" in capsys.readouterr().err
    assert json.loads((residual_run / "generated" / "samples.json").read_text())["checkpoint"] == "residual.pt"


def test_an_ensemble_is_a_model_without_training(text_run: Path, tiny_text: MakeRecipe, tmp_path: Path) -> None:
    recipe = tiny_text("teacher_forcing=null", "adversarial=null", ensemble_of(text_run))
    stages.train(recipe, tmp_path / "run")
    models = stages.evaluate(tmp_path / "run", num=50)["models"]
    assert list(models) == ["ensemble"]
    alone = stages.evaluate(text_run, num=50)["models"]["teacher_forced"]
    assert models["ensemble"]["held_out_nll"]["value"] == pytest.approx(alone["held_out_nll"]["value"], rel=1e-3)
    stages.train(recipe, tmp_path / "run")


def test_a_residual_stands_on_an_ensemble(
    text_run: Path, cooperative_run: Path, tiny_text: MakeRecipe, tmp_path: Path
) -> None:
    recipe = tiny_text("teacher_forcing=null", "adversarial=null", RESIDUAL, ensemble_of(text_run, cooperative_run))
    stages.train(recipe, tmp_path / "run")
    assert list(stages.evaluate(tmp_path / "run", num=50)["models"]) == ["ensemble", "residual"]


def test_an_ensemble_of_other_words_is_refused(text_run: Path, tiny_text: MakeRecipe, tmp_path: Path) -> None:
    changes = ("teacher_forcing=null", "adversarial=null", "data.vocabulary_size=9", ensemble_of(text_run))
    with pytest.raises(UserError, match=r"other data or another vocabulary"):
        stages.train(tiny_text(*changes), tmp_path / "run")


def test_an_ensemble_of_a_run_that_is_not_there_is_refused(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    changes = ("teacher_forcing=null", "adversarial=null", ensemble_of(tmp_path / "nothing"))
    with pytest.raises(UserError, match=r"nothing is no run that has finished 'teacher_forcing'"):
        stages.train(tiny_text(*changes), tmp_path / "run")


def test_an_embedding_of_another_size_is_refused(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"set discriminator\.embedding_dim to that"):
        stages.train(tiny_text(*ONLY_SEQUENCES, RESIDUAL, "discriminator.embedding_dim=9"), tmp_path / "run")


LEARN = """\
name: learn
device: cpu
threads: 1
data: {kind: text, source: grammar, num_sentences: 2000}
generator: {kind: tokens, embedding_dim: 16, hidden_dim: 48}
discriminator:
  embedding_dim: 16
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 24}
  dense_dim: 24
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
ema: 0.95
"""


def test_a_residual_learns_what_a_weak_generator_misses(tmp_path: Path) -> None:
    changes = [
        "teacher_forcing={steps: 60, optimizer: {lr: 1e-2}}",
        "residual={steps: 60, batch_size: 64, calibrate_every: 20, calibration_samples: 500, partition_samples: 2000, "
        "embedding: from_generator, optimizer: {lr: 1e-2}}",
    ]
    stages.train(parse_recipe(LEARN, "learn.yaml", changes), tmp_path / "run")
    gain = stages.evaluate(tmp_path / "run", num=20)["models"]["residual"]["residual_gain"]
    assert gain["interval"][0] > 0.1


def test_cooperative_training_learns_from_nothing(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    plain = ("teacher_forcing=null", "adversarial=null", "discriminator=null", "logging.log_every=1000", "ema=0.9")
    no_noise = ("generator.noise_dim=0", "generator.step_noise_dim=0", "generator.dropout=0", "generator.hidden_dim=32")
    rates = "generator_optimizer: {lr: 1e-2}, mediator_optimizer: {lr: 2e-2}"
    nats = []
    for steps in (1, 120):
        cooperative = f"cooperative={{steps: {steps}, batch_size: 32, {rates}}}"
        stages.train(tiny_text(*plain, *no_noise, cooperative), tmp_path / str(steps))
        models = stages.evaluate(tmp_path / str(steps), num=20)["models"]
        nats.append(models["cooperative"]["held_out_nll"]["value"])
    assert nats[1] < nats[0] - 0.8
