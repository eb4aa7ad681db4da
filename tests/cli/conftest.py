"""The command line in this process, above stages that note their arguments in place of training."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import seqgan_toolkit
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.generation import Wanted

RECIPE = """\
# A small recipe.
name: small
data: {kind: text, source: grammar}
generator: {kind: tokens}
teacher_forcing: {steps: 3}
"""

EVALUATION = {
    "models": {
        "teacher_forced": {"distinct": {"value": 0.5, "interval": [0.4, 0.6], "version": 1, "higher_is_better": True}},
        "adversarial": {"distinct": {"value": None, "interval": None, "version": 1, "higher_is_better": True}},
    },
    "references": {"distinct": {"real": 0.75, "noise": None, "training_copy": 1.0}},
}


@dataclass
class Stages:
    """Notes every call; raises `failure` where it is set."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    failure: BaseException | None = None

    def prepare(self, recipe: Any, out: Path, *, data_root: Path | None = None) -> Any:
        self._note("prepare", recipe.name, recipe.seed, out, data_root)
        return SimpleNamespace(directory=out / "corpus")

    def train(self, recipe: Any, out: Path, *, data_root: Path | None = None) -> None:
        self._note("train", recipe.name, recipe.seed, out, data_root)

    def run(self, recipe: Any, out: Path, *, data_root: Path | None = None) -> None:
        self._note("run", recipe.name, recipe.seed, out, data_root)

    def generate(self, run_dir: Path, wanted: Wanted, *, out: Path | None = None) -> list[Path]:
        self._note("generate", run_dir, wanted, out)
        return [run_dir / "a.txt", run_dir / "b.txt"]

    def sample(self, run_dir: Path, wanted: Wanted) -> list[Any]:
        self._note("sample", run_dir, wanted)
        return ["a sentence"] * wanted.num

    def evaluate(
        self,
        run_dir: Path,
        *,
        num: int | None = None,
        curve: bool | None = None,
        language_model: bool | None = None,
        train_on_synthetic: bool | None = None,
        split: str = "test",
    ) -> dict[str, Any]:
        self._note("evaluate", run_dir, num, curve, language_model, train_on_synthetic, split)
        return EVALUATION

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """The fake stages, where the package looks for the real ones."""
    fake = Stages()
    module = ModuleType("seqgan_toolkit.stages")
    for name in ("prepare", "train", "run", "generate", "sample", "evaluate"):
        setattr(module, name, getattr(fake, name))
    monkeypatch.setitem(sys.modules, "seqgan_toolkit.stages", module)
    monkeypatch.setattr(seqgan_toolkit, "stages", module, raising=False)
    return fake


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with `small.yaml` and a run directory `done`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command; returns its exit code, standard output and standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
