"""The table of several runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "egs" / "tabulate.py"


@pytest.mark.parametrize(("options", "mean"), [([], "1.5 ± 0.71"), (["--split", "valid"], "3.5 ± 0.71")])
def test_mean_and_deviation_of_the_split_that_was_asked_for(tmp_path: Path, options: list[str], mean: str) -> None:
    runs = [tmp_path / "a", tmp_path / "b"]
    for index, run in enumerate(runs):
        run.mkdir()
        (run / "metrics.jsonl").write_text('{"seconds": 60}\n')
        for name, value in (("evaluation.json", 1), ("evaluation-valid.json", 3)):
            figures = {"models": {"adversarial": {"bleu_4": {"value": value + index}}}, "references": {}}
            (run / name).write_text(json.dumps(figures))
    said = subprocess.run([sys.executable, SCRIPT, *options, *runs], check=True, capture_output=True, text=True).stdout
    assert f"| bleu_4 | {mean} |" in said
    assert "Training: 60 seconds, 2 seed(s)." in said


def test_a_run_that_was_not_measured_is_named_with_the_command_that_is_missing(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, SCRIPT, "--split", "valid", tmp_path], capture_output=True, text=True)
    assert ended.returncode == 2
    assert f"no {tmp_path / 'evaluation-valid.json'}: `seqgan-toolkit evaluate RUN --split valid`" in ended.stderr
