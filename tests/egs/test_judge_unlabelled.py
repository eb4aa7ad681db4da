"""Images without labels are judged by the classifier of others that have them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import load_recipe

ROOT = Path(__file__).parents[2]
TINY = {"device": "cpu", "threads": 1, "generator.hidden_dim": 8, "adversarial.steps": 1}


def test_the_references_stand_beside_what_was_made(tmp_path: Path) -> None:
    recipe = ROOT / "recipes" / "mnist_lstm.yaml"
    stages.train(load_recipe(recipe, {**TINY, "data.label": "none"}), tmp_path / "run")
    stages.prepare(load_recipe(recipe, {}), tmp_path / "labelled")
    words = [tmp_path / "run", tmp_path / "labelled", "--num", "400"]
    program = [sys.executable, ROOT / "egs" / "judge_unlabelled.py", *words]
    lines = subprocess.run(program, check=True, capture_output=True, text=True).stdout.splitlines()
    table = {cells[1]: cells[2:-1] for cells in ([cell.strip() for cell in line.split("|")] for line in lines)}
    assert table["metric"] == ["adversarial", "real", "noise", "training_copy"]
    made, real, noise, _ = map(float, table["classifier_frechet"])
    assert real < min(made, noise) / 10
    histogram = list(map(float, table["label_histogram_distance"]))
    assert histogram[1] < 0.1 < histogram[0]
    assert "label_accuracy" not in table
    shares = [list(map(float, table[f"share of `{digit}`"])) for digit in range(10)]
    assert all(abs(sum(column) - 1) < 1e-3 for column in zip(*shares, strict=True))
    assert all(0.05 < share[1] < 0.15 for share in shares)
