"""The table of likelihoods, on tiny models of the grammar."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "egs" / "compare_likelihoods.py"
TINY = {
    "device": "cpu",
    "data.num_sentences": 400,
    "generator.hidden_dim": 24,
    "generator.dropout": 0.1,
    "teacher_forcing.steps": 100,
    "residual.backward.steps": 100,
    "residual.steps": 5,
    "residual.batch_size": 32,
    "residual.calibration_samples": 500,
    "residual.partition_samples": 500,
    "ema": 0.95,
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        spec = importlib.util.spec_from_file_location("compare_likelihoods", SCRIPT)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, "compare_likelihoods", module)
        spec.loader.exec_module(module)
    return module


def test_models_of_one_run_stand_side_by_side(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    stages.train(load_recipe(ROOT / "recipes" / "text_backward.yaml", TINY), run)
    models = [f"{run}:{name}" for name in ("teacher_forced", "product", "residual")]
    monkeypatch.setattr(sys, "argv", ["compare_likelihoods.py", *models, "--split", "test", "--num", "100"])
    capsys.readouterr()
    script.main()
    table = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in table[2:]] == [f"run, {phase}, 1" for phase in ("teacher_forcing", "product", "residual")]
    nats, divergence = ([float(row[column].split()[0]) for row in table[2:]] for column in (1, 2))
    gain, error = map(float, table[3][5].split(" ± "))
    assert gain == pytest.approx(nats[0] - nats[1], abs=2e-4)
    assert gain == pytest.approx(divergence[0] - divergence[1], abs=2e-4)
    assert float(table[3][6].split()[0]) == pytest.approx(nats[1] - nats[2], abs=2e-4)
    assert 0 < error < 1
    measured = stages.evaluate(run, num=20)["models"]["product"]["residual_gain"]["value"]
    assert gain == pytest.approx(measured, abs=2e-4)
