from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

import seqgan_toolkit as sg
from seqgan_toolkit import stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.errors import UserError


@pytest.mark.parametrize("kind", ["rows", "text"])
def test_one_file_generates_what_its_run_does(request: Any, kind: str, tmp_path: Path) -> None:
    run = request.getfixturevalue(f"{kind}_run")
    expected = sg.load(run).generate(5, seed=4)
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    file = sg.export(copy, tmp_path / "model.zip")
    again = sg.export(copy, tmp_path / "again.zip")
    assert file.read_bytes() == again.read_bytes()
    shutil.rmtree(copy)
    for one, other in zip(expected, sg.load_artefact(file).generate(5, seed=4), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_command_line_generates_from_the_file(text_run: Path, tmp_path: Path, capsys: Any) -> None:
    file = sg.export(text_run, tmp_path / "model.zip")
    assert main(["generate", str(file), "--num", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "model-generated" / "sentences.txt")
    assert main(["generate", str(file), "--num", "3", "--out", str(tmp_path / "here")]) == 0
    written = [(tmp_path / folder / "sentences.txt").read_text() for folder in ("model-generated", "here")]
    assert written[0] == written[1]
    assert main(["evaluate", str(file)]) == 2
    assert "this is a file and no run directory; a model that" in capsys.readouterr().err


def test_only_what_generates_is_in_it(text_run: Path, tmp_path: Path) -> None:
    assert main(["export", str(text_run), str(tmp_path / "model.zip"), "--model", "teacher_forced"]) == 0
    with ZipFile(tmp_path / "model.zip") as archive:
        assert archive.namelist() == ["recipe.yaml", "checkpoints/teacher_forcing.pt"]
    whole = (text_run / "checkpoints" / "teacher_forcing.pt").stat().st_size
    assert (tmp_path / "model.zip").stat().st_size < whole / 2


def test_what_travels_with_a_run_is_in_it(text_run: Path, tmp_path: Path) -> None:
    shutil.copytree(text_run, tmp_path / "run")
    (tmp_path / "run" / "vocoder" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "vocoder" / "checkpoints" / "vocoder.pt").write_bytes(b"weights")
    unpacked = stages.unpack(stages.export(tmp_path / "run", tmp_path / "model.zip"))
    assert (unpacked / "vocoder" / "checkpoints" / "vocoder.pt").read_bytes() == b"weights"


def test_what_is_no_model(text_run: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="has no finished model 'residual' to export; it has teacher_forced, adversarial"
    ):
        stages.export(text_run, tmp_path / "model.zip", model="residual")
    (tmp_path / "text.zip").write_text("no archive")
    with ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "something else")
    for name, message in (("text", "not a model that"), ("other", "holds no model"), ("missing", "no such file")):
        with pytest.raises(UserError, match=rf"{name}.zip: .*{message}"):
            sg.load_artefact(tmp_path / f"{name}.zip")
