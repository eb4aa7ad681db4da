"""Labels of several factors, from folders to samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqgan_toolkit import stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.schema import Recipe

NAMES = [f"shape={shape},tone={tone}" for shape in ("bar", "dot") for tone in ("dark", "light")]


@pytest.fixture(scope="module")
def run(tiny_rows: Callable[..., Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    draws = np.random.default_rng(0)
    for name in NAMES:
        (folder / name).mkdir()
        for index in range(20):
            Image.fromarray(draws.integers(0, 255, (8, 8), dtype=np.uint8)).save(folder / name / f"{index}.png")
    out = tmp_path_factory.mktemp("runs") / "factors"
    stages.train(tiny_rows(f"data.source={folder}", "data.valid_share=0.0"), out)
    return out


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("tone=dark", [NAMES[0], NAMES[2], NAMES[0], NAMES[2]]),
        ("shape=dot,tone=light", [NAMES[3]] * 4),
        (None, NAMES),
    ],
)
def test_some_factors_ask_for_all_labels_that_agree(
    run: Path, tmp_path: Path, wanted: str | None, expected: list[str]
) -> None:
    stages.generate(run, Wanted(num=4, label=wanted), out=tmp_path / "out")
    described = json.loads((tmp_path / "out" / "samples.json").read_text())
    assert [sample["label"] for sample in described["samples"]] == expected


def test_a_strip_for_each_label_that_agrees(run: Path, tmp_path: Path) -> None:
    stages.generate(run, Wanted(interpolate=3, label="shape=bar"), out=tmp_path / "out")
    described = json.loads((tmp_path / "out" / "samples.json").read_text())
    assert [sample["label"] for sample in described["samples"]] == [NAMES[0]] * 3 + [NAMES[1]] * 3


def test_a_factor_that_is_not_there(run: Path) -> None:
    with pytest.raises(UserError, match="no label 'tone=red'; this model knows shape=bar,tone=dark"):
        stages.generate(run, Wanted(label="tone=red"))
