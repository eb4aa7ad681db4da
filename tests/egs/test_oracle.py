"""The oracle's experiment from its file to its table of controls, on a tiny oracle."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.domains.text.oracle import OracleLSTM
from seqgan_toolkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
CONTROLS = runpy.run_path(str(ROOT / "egs" / "seqgan_oracle" / "controls.py"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle")
    OracleLSTM.seeded(3, num_words=30, dim=8).save(folder / "tiny.npz")
    small = {"data.source": str(folder / "tiny.npz"), "data.num_sentences": 400, "data.max_length": 5}
    short = {"teacher_forcing.steps": 60, "device": "cpu", "evaluation.num_samples": 400}
    recipe = load_recipe(ROOT / "egs" / "seqgan_oracle" / "conf" / "mle_tuned.yaml", {**small, **short})
    stages.train(recipe, folder / "run")
    return folder / "run"


def test_evaluation_measures_both_directions(run: Path) -> None:
    stages.evaluate(run)
    evaluation = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
    figures, references = evaluation["models"]["teacher_forced"], evaluation["references"]["nll_oracle"]
    assert references["real"] < figures["nll_oracle"]["value"] < references["noise"]
    # A model knows less than the oracle, and more than that all words are equally likely.
    own = float(figures["nll_test"]["note"].rsplit(" ", 1)[1])
    assert own < figures["nll_test"]["value"] < 3.4


def test_the_mixture_games_the_plane(run: Path) -> None:
    table = list(CONTROLS["rows"](run, None, 400))
    header, rows = table[0], {row[0]: dict(zip(table[0], row, strict=True)) for row in table[2:]}
    assert len(header) == 8
    assert list(rows) == ["0.8", "1", "1.2", "1.35", "1.5", "2", "1 or 3, at random", "the oracle"]
    oracle = [float(rows[each]["nll_oracle"]) for each in ("0.8", "1", "1.35", "2")]
    assert oracle == sorted(oracle, reverse=True)
    mixed, plain = rows["1 or 3, at random"], rows["1"]
    assert float(mixed["nll_oracle"]) < float(plain["nll_oracle"])
    assert float(mixed["nll_test"]) <= float(plain["nll_test"]) + 0.6931 / 5 + 0.01
    assert float(rows["the oracle"]["nll_test"]) < float(plain["nll_test"])
