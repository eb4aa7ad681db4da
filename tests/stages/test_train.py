from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from seqgan_toolkit import stages
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.training.checkpoints import load

MakeRecipe = Callable[..., Recipe]


def test_every_step_is_logged(text_run: Path) -> None:
    lines = [json.loads(line) for line in (text_run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    steps = [(line["phase"], line["step"]) for line in lines]
    expected = {"teacher_forcing": 4, "discriminator_pretraining": 2, "adversarial": 4}
    assert steps == [(phase, step) for phase, count in expected.items() for step in range(1, count + 1)]
    assert {"teacher_forcing/loss", "teacher_forcing/gradient"} <= lines[0].keys()
    assert {"discriminator/loss", "generator/loss", "discriminator/penalty"} <= lines[6].keys()


def test_a_run_says_what_it_ran_on(text_run: Path) -> None:
    environment = json.loads((text_run / "environment.json").read_text(encoding="utf-8"))
    assert (environment["device"], environment["threads"], environment["processes"]) == ("cpu", 1, 1)
    assert {"torch", "numpy", "seqgan-toolkit"} <= environment["packages"].keys()


def test_checkpoints_are_kept_as_asked(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    stages.train(tiny_text("logging.checkpoint_every=1", "logging.keep=2"), tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    phases = ["adversarial.pt", "discriminator_pretraining.pt"]
    assert names == [*phases, "step-00000009.pt", "step-00000010.pt", "teacher_forcing.pt"]


def test_previews_are_made_of_the_same_noise(tiny_rows: MakeRecipe, tmp_path: Path) -> None:
    # A rate this low changes no pixel, so that any difference would be the noise's.
    still = ("adversarial.generator_optimizer.lr=1e-12", "logging.preview_every=2", "adversarial.steps=4")
    stages.train(tiny_rows(*still), tmp_path / "run")
    folders = sorted((tmp_path / "run" / "samples").iterdir())
    assert [folder.name for folder in folders] == ["step-00000002", "step-00000004"]
    first, second = ([path.read_bytes() for path in sorted(folder.iterdir())] for folder in folders)
    assert first
    assert first == second


def test_teacher_forcing_alone_is_a_model(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    stages.train(tiny_text("adversarial=null", "discriminator=null"), tmp_path / "run")
    stages.generate(tmp_path / "run", Wanted(num=2))
    written = json.loads((tmp_path / "run" / "generated" / "samples.json").read_text(encoding="utf-8"))
    assert written["checkpoint"] == "teacher_forcing.pt"


def test_parameters_start_as_the_recipe_says(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    still = ("adversarial=null", "discriminator=null", "teacher_forcing.steps=1", "teacher_forcing.optimizer.lr=1e-12")
    stages.train(tiny_text(*still), tmp_path / "usual")
    stages.train(tiny_text(*still, "generator.init_std=0.01"), tmp_path / "drawn")
    usual, drawn = (
        load(tmp_path / name / "checkpoints" / "teacher_forcing.pt")["parts"]["generator"]
        for name in ("usual", "drawn")
    )
    # The log-frequency of the tokens, whose exponentials sum to one; and N(0, .01^2), where that would not do.
    assert abs(float(usual["head.bias"].exp().sum()) - 1) < 1e-4
    assert float(usual["head.bias"].mean()) < -2
    assert all(float(values.abs().max()) < 0.06 for values in drawn.values())
