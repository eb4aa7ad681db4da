"""The example of conditional text: its classes are apart, and its check knows them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import load_recipe

EXAMPLE = Path(__file__).parent.parent / "egs" / "own_text"
SMALL = {
    "device": "cpu",
    "threads": 1,
    "generator.hidden_dim": 16,
    "teacher_forcing.steps": 2,
    "teacher_forcing.batch_size": 8,
    "adversarial.steps": 2,
    "adversarial.batch_size": 8,
    "adversarial.pretraining_steps": 2,
}


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load a script of the example, which finds those beside it."""
    monkeypatch.syspath_prepend(EXAMPLE)
    spec = importlib.util.spec_from_file_location(name, EXAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_from_data_to_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    make_data = load("make_data", monkeypatch)
    make_data.main(["--out", str(tmp_path / "data"), "--num", "40"])
    files = {path.stem: path.read_text().splitlines() for path in (tmp_path / "data").iterdir()}
    assert {name: len(set(lines)) for name, lines in files.items()} == dict.fromkeys(make_data.CLASSES, 40)
    for name, lines in files.items():
        for other in make_data.CLASSES:
            grammar = make_data.grammar_of(other)
            assert {grammar.is_grammatical(line.split()) for line in lines} == {name == other}
    recipe = load_recipe(EXAMPLE / "conf" / "text_lstm.yaml", {**SMALL, "data.source": str(tmp_path / "data")})
    stages.train(recipe, tmp_path / "run")
    capsys.readouterr()
    load("check_labels", monkeypatch).main([str(tmp_path / "run"), "--num", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith(("| teacher_forced |", "| adversarial |"))]) == 2 * 3 * 4
