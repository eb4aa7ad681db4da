from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import seqgan_toolkit as sg
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted

pytestmark = pytest.mark.usefixtures("workplace")


def test_run_takes_a_path_or_a_recipe(stages: Any, workplace: Path) -> None:
    run = sg.run("small.yaml", overrides={"seed": 3}, out="runs/x", data_root="d")
    assert run == sg.Run(Path("runs/x"))
    recipe = sg.validate(workplace / "small.yaml", overrides=["seed=4"])
    assert sg.train(recipe, overrides={"ema": 0.5}).directory == Path("runs/small")
    assert sg.prepare(recipe).directory == Path("runs/small/corpus")
    assert stages.calls == [
        ("run", "small", 3, Path("runs/x"), Path("d")),
        ("train", "small", 4, Path("runs/small"), None),
        ("prepare", "small", 4, Path("runs/small"), None),
    ]


def test_a_run_generates_in_memory(stages: Any) -> None:
    run = sg.load("done")
    assert run.generate(2, seed=5, temperature=0.5, label="a", model="teacher_forced") == ["a sentence"] * 2
    wanted = Wanted(num=2, seed=5, temperature=0.5, label="a", model="teacher_forced")
    assert stages.calls == [("sample", Path("done"), wanted)]


def test_generate_writes_files(stages: Any) -> None:
    assert sg.generate("done", num=2, top_k=5, top_p=0.5, out="o") == [Path("done/a.txt"), Path("done/b.txt")]
    assert sg.generate("done", beam=20) == sg.generate("done", reject=0.5)
    assert stages.calls == [
        ("generate", Path("done"), Wanted(num=2, top_k=5, top_p=0.5), Path("o")),
        ("generate", Path("done"), Wanted(beam=20), None),
        ("generate", Path("done"), Wanted(reject=0.5), None),
    ]


def test_evaluation_is_read_from_the_run(stages: Any, workplace: Path) -> None:
    run = sg.load("done")
    with pytest.raises(UserError, match=r"no evaluation\.json"):
        _ = run.evaluation
    (workplace / "done" / "evaluation.json").write_text(json.dumps({"models": {}}), encoding="utf-8")
    assert run.evaluation == {"models": {}}
    assert "models" in run.evaluate(50)
    assert stages.calls == [("evaluate", Path("done"), 50, None, None, None, "test")]


def test_a_directory_that_is_no_run() -> None:
    with pytest.raises(UserError, match=r"^small: this is not a run directory"):
        sg.load("small")


def test_mistakes_come_as_user_errors() -> None:
    with pytest.raises(UserError, match="Did you mean 'seed'"):
        sg.validate("small.yaml", overrides={"sede": 3})


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        _ = sg.rnu  # type: ignore[attr-defined]


def test_the_stages_of_these_tests_have_the_signatures_of_the_real_ones(request: pytest.FixtureRequest) -> None:
    real = pytest.importorskip("seqgan_toolkit.stages", reason="there are no stages")
    fake = request.getfixturevalue("stages")
    for name in ("prepare", "train", "run", "generate", "sample", "evaluate"):
        expected = list(inspect.signature(getattr(real, name)).parameters)
        assert list(inspect.signature(getattr(fake, name)).parameters) == expected
