"""A residual model whose discriminator reads from the end, from a recipe to figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import seqgan_toolkit as sg
from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.models.backward import BackwardGenerator
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model
from seqgan_toolkit.training.checkpoints import load

Same = Callable[[Any, Any], None]
CutShort = Callable[[Path, int], Path]
MakeRecipe = Callable[..., Recipe]
NO_GAME = ("adversarial=null", "discriminator=null", "generator.noise_dim=0", "generator.step_noise_dim=0")
GAME = (
    "steps: 4, batch_size: 16, calibrate_every: 2, calibration_samples: 100, num_proposals: 4, partition_samples: 200"
)
BACKWARD = f"residual={{{GAME}, optimizer: {{lr: 1e-2}}, backward: {{steps: 4, batch_size: 16}}}}"


@pytest.fixture(scope="module")
def run(tiny_text: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps of teacher forcing from the front, four from the end, and four of the game."""
    out = tmp_path_factory.mktemp("runs") / "backward"
    stages.train(tiny_text(*NO_GAME, BACKWARD, "logging.checkpoint_every=1"), out)
    return out


@pytest.mark.parametrize("steps", [3, 4, 6, 8, 10, 11])
def test_it_goes_on_bit_for_bit(run: Path, cut_short: CutShort, same: Same, steps: int) -> None:
    again = cut_short(run, steps)
    torch.manual_seed(steps)
    stages.train(RunDirectory(again).recipe(), again)
    same(*(load(path / "checkpoints" / "residual.pt") for path in (again, run)))


def test_phases_train_what_is_theirs(run: Path, same: Same) -> None:
    states = [
        load(run / "checkpoints" / f"{name}.pt")["parts"]
        for name in ("teacher_forcing", "backward", "product", "residual")
    ]
    for state in states[1:]:
        same(state["average"], states[0]["average"])
    same(states[3]["backward_average"], states[1]["backward_average"])
    learnt = {key: value for key, value in states[1]["backward_average"]["weights"].items() if "embedding" in key}
    assert any(not torch.equal(value, states[0]["backward_average"]["weights"][key]) for key, value in learnt.items())
    # The game starts from the product.
    assert torch.equal(
        states[2]["residual.discriminator"]["backward.reader.embedding.weight"],
        states[1]["backward_average"]["weights"]["reader.embedding.weight"],
    )
    assert not torch.equal(states[3]["residual.discriminator"]["slope"], states[2]["residual.discriminator"]["slope"])


def test_every_model_is_measured(run: Path) -> None:
    models = stages.evaluate(run, num=50)["models"]
    assert list(models) == ["teacher_forced", "backward", "product", "residual"]
    test = Corpus(run / "corpus").splits["test"]
    per_token = len(test) / int(test.offsets[-1])
    forward = models["teacher_forced"]["held_out_nll"]["value"]
    assert models["backward"]["held_out_nll"]["value"] != forward
    for name in ("product", "residual"):
        gain = models[name]["residual_gain"]["value"]
        assert forward - models[name]["held_out_nll"]["value"] == pytest.approx(gain * per_token, abs=1e-6)


@pytest.mark.parametrize("model", ["backward", "product", "residual"])
def test_every_model_generates_and_travels(run: Path, tmp_path: Path, model: str) -> None:
    stages.generate(run, Wanted(num=5, model=model), out=tmp_path / "samples")
    described = json.loads((tmp_path / "samples" / "samples.json").read_text())
    assert described["checkpoint"] == f"{model}.pt"
    file = sg.export(run, tmp_path / "model.zip", model=model)
    assert sg.load_artefact(file).generate(5, seed=4) == sg.load(run).generate(5, seed=4, model=model)


def test_there_is_no_search_from_the_end(run: Path) -> None:
    with pytest.raises(UserError, match="this model reads from the end: leave it out"):
        stages.generate(run, Wanted(num=1, model="backward", beam=2))


def test_it_stands_on_an_ensemble(run: Path, tiny_text: MakeRecipe, tmp_path: Path) -> None:
    ensemble = f"generator={{kind: ensemble, runs: [{run}]}}"
    own = BACKWARD.replace("{steps: 4, batch_size: 16}", "{steps: 2, batch_size: 16, generator: {kind: tokens}}")
    stages.train(tiny_text("teacher_forcing=null", *NO_GAME[:2], ensemble, own), tmp_path / "run")
    assert list(stages.evaluate(tmp_path / "run", num=50)["models"]) == ["ensemble", "backward", "product", "residual"]


def test_less_is_dropped_in_the_game(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    seen = []
    for dropout in (0.0, 0.1, 0.9):
        recipe = tiny_text(*NO_GAME, BACKWARD, "generator.dropout=0.1", f"residual.backward.game_dropout={dropout}")
        stages.train(recipe, tmp_path / str(dropout))
        seen.append(load(tmp_path / str(dropout) / "checkpoints" / "residual.pt")["parts"]["residual.discriminator"])
    # What it was trained with is the most that there is.
    assert torch.equal(seen[1]["slope"], seen[2]["slope"])
    assert not torch.equal(seen[0]["slope"], seen[1]["slope"])


def test_the_control_learns_by_likelihood_alone(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    changes = ("residual.backward.control=true", "residual.steps=30", "residual.calibrate_every=15")
    recipe = tiny_text(*NO_GAME, BACKWARD, *changes)
    stages.train(recipe, tmp_path / "run")
    before, after = (
        load(tmp_path / "run" / "checkpoints" / f"{name}.pt")["parts"]["residual.discriminator"]
        for name in ("product", "residual")
    )
    for resting in ("slope", "offset"):
        assert torch.equal(before[resting], after[resting])
    store = Corpus(tmp_path / "run" / "corpus").splits["train"]
    model = load_model(RunDirectory(tmp_path / "run"), "backward").generator
    assert isinstance(model, BackwardGenerator)
    nats = []
    for state in (before, after):
        weights = {key.removeprefix("backward."): value for key, value in state.items() if key.startswith("backward.")}
        model.load_state_dict(weights)
        nats.append(float(held_out_nll(model, store, Draws(0, "none")).mean()))
    assert nats[1] < nats[0] - 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["adversarial=null"], "leave one of the two out"),
        ([*NO_GAME, "residual.embedding=frozen"], "leave it out beside 'residual.backward'"),
        ([*NO_GAME, "generator.noise_dim=2"], r"set generator\.noise_dim and generator\.step_noise_dim to 0"),
        (
            [*NO_GAME, "residual.backward.generator={kind: tokens, step_noise_dim: 1}"],
            r"set residual\.backward\.generator\.noise_dim",
        ),
        (
            [*NO_GAME[:2], "teacher_forcing=null", "generator={kind: ensemble, runs: [a]}"],
            r"the recipe's is of kind 'ensemble': give residual\.backward\.generator",
        ),
        ([*NO_GAME[:2], "residual.backward=null"], "needs a 'discriminator' or 'residual.backward'"),
    ],
)
def test_what_does_not_fit_is_refused(tiny_text: MakeRecipe, changes: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        tiny_text(BACKWARD, *changes)


LEARN = """\
name: learn
device: cpu
threads: 1
data: {kind: text, source: grammar, num_sentences: 2000}
generator: {kind: tokens, embedding_dim: 16, hidden_dim: 48}
teacher_forcing: {steps: 300, optimizer: {lr: 1e-2}}
residual:
  steps: 20
  batch_size: 64
  calibrate_every: 10
  calibration_samples: 500
  partition_samples: 2000
  optimizer: {lr: 5e-4}
  backward: {steps: 300, optimizer: {lr: 1e-2}}
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
ema: 0.95
"""


def test_two_directions_know_more_than_one_and_the_game_adds_to_them(tmp_path: Path) -> None:
    stages.train(parse_recipe(LEARN, "learn.yaml"), tmp_path / "run")
    models = stages.evaluate(tmp_path / "run", num=300)["models"]
    assert models["product"]["residual_gain"]["interval"][0] > 0.1
    assert models["residual"]["residual_gain"]["value"] > models["product"]["residual_gain"]["value"]
    grammatical = {name: figures["grammatical"]["value"] for name, figures in models.items()}
    assert grammatical["product"] > max(grammatical["teacher_forced"], grammatical["backward"])
