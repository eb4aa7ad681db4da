"""The README's folder is made as it says, and its recipe trains on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seqgan_toolkit.cli.main import main
from seqgan_toolkit.data.corpus import Corpus

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "egs" / "own_folder"


def test_the_folder_of_the_readme_becomes_clips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        EXAMPLE.joinpath("README.md").read_text(encoding="utf-8").partition('python -c "\n')[2].partition('"\n')[0]
    )
    few = program.replace("num_clips=960", "num_clips=96")
    assert few != program
    subprocess.run([sys.executable, "-c", few], cwd=tmp_path, check=True)
    small = ["generator.hidden_dim=8", "adversarial.steps=1", "adversarial.batch_size=8", "device=cpu", "threads=1"]
    words = [f"data.source={tmp_path / 'my_folder'}", *small, "--out", str(tmp_path / "run")]
    assert main(["train", str(EXAMPLE / "conf" / "audio_lstm.yaml"), *words]) == 0
    assert Corpus(tmp_path / "run" / "corpus").label_names == tuple(f"midi-{midi}" for midi in range(57, 81))
    assert main(["generate", str(tmp_path / "run"), "--label", "midi-60", "--num", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("samples.json")
