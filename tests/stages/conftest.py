"""Finished runs to look at, and a way to tell whether two of them are the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit.recipe.schema import Recipe

Same = Callable[[Any, Any], None]


@pytest.fixture(scope="session")
def text_run(tiny_text: Callable[..., Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the tiny recipe for text, with a checkpoint after every step."""
    from seqgan_toolkit import stages

    out = tmp_path_factory.mktemp("runs") / "text"
    stages.train(tiny_text("logging.checkpoint_every=1"), out)
    return out


@pytest.fixture(scope="session")
def rows_run(tiny_rows: Callable[..., Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the tiny recipe for frames, with a checkpoint after every step."""
    from seqgan_toolkit import stages

    out = tmp_path_factory.mktemp("runs") / "rows"
    stages.train(tiny_rows("logging.checkpoint_every=1"), out)
    return out


@pytest.fixture
def cut_short(tmp_path: Path) -> Callable[[Path, int], Path]:
    """Copy a run as it stood after a number of steps."""

    def copy(run: Path, steps: int) -> Path:
        target = tmp_path / f"after-{steps}"
        shutil.copytree(run / "corpus", target / "corpus")
        shutil.copy(run / "recipe.yaml", target)
        (target / "checkpoints").mkdir()
        for path in (run / "checkpoints").glob("step-*.pt"):
            if int(path.stem.removeprefix("step-")) <= steps:
                shutil.copy(path, target / "checkpoints")
        return target

    return copy


@pytest.fixture
def same() -> Same:
    """Assert that two checkpoints are equal, bit for bit."""
    import torch

    def compare(found: Any, expected: Any, where: str = "") -> None:
        assert type(found) is type(expected), where
        if isinstance(expected, torch.Tensor):
            assert torch.equal(found, expected), where
        elif isinstance(expected, dict):
            assert found.keys() == expected.keys(), where
            for key in expected:
                compare(found[key], expected[key], f"{where}/{key}")
        elif isinstance(expected, (list, tuple)):
            assert len(found) == len(expected), where
            for index, pair in enumerate(zip(found, expected, strict=True)):
                compare(*pair, f"{where}/{index}")
        else:
            assert found == expected, where

    return compare
