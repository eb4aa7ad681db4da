from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from seqgan_toolkit import stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.name != "samples.json"}


def described(directory: Path) -> dict[str, Any]:
    return dict(json.loads((directory / "samples.json").read_text(encoding="utf-8")))


def test_the_same_seed_gives_the_same_bytes(text_run: Path, rows_run: Path, tmp_path: Path) -> None:
    for name, run in (("text", text_run), ("rows", rows_run)):
        folders = [tmp_path / f"{name}{number}" for number in range(3)]
        for folder, seed in zip(folders, (7, 7, 8), strict=True):
            stages.generate(run, Wanted(num=6, seed=seed), out=folder)
        first, again, other = (contents(folder) for folder in folders)
        assert first == again
        assert first != other


def test_what_is_written(text_run: Path, rows_run: Path, tmp_path: Path) -> None:
    paths = stages.generate(text_run, Wanted(num=3), out=tmp_path / "text")
    assert [path.name for path in paths] == ["sentences.txt", "samples.json"]
    assert len((tmp_path / "text" / "sentences.txt").read_text(encoding="utf-8").splitlines()) == 3
    paths = stages.generate(rows_run, Wanted(num=3), out=tmp_path / "rows")
    images = [f"image-000{number}.png" for number in range(3)]
    assert sorted(path.name for path in paths) == ["grid.png", *images, "samples.json"]
    assert sorted(path.name for path in (tmp_path / "rows").iterdir()) == ["grid.png", *images, "samples.json"]


def test_a_file_where_the_folder_should_be(text_run: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(UserError, match="precious cannot be made"):
        stages.generate(text_run, Wanted(2), out=tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "mine"


def test_samples_json_tells_where_each_came_from(rows_run: Path) -> None:
    stages.generate(rows_run, Wanted(num=12, seed=5, temperature=0.5))
    written = described(rows_run / "generated")
    assert {key: written[key] for key in ("recipe", "run", "checkpoint", "seed", "temperature")} == {
        "recipe": "tiny_rows",
        "run": str(rows_run),
        "checkpoint": "adversarial.pt",
        "seed": 5,
        "temperature": 0.5,
    }
    labels = [sample["label"] for sample in written["samples"]]
    assert labels == [str(number % 10) for number in range(12)], "without a label, the labels take turns"
    assert [sample["index"] for sample in written["samples"]] == list(range(12))
    assert all(sample["steps"] == 8 for sample in written["samples"])


def test_a_label_is_that_of_all(rows_run: Path, tmp_path: Path) -> None:
    stages.generate(rows_run, Wanted(num=4, label="3"), out=tmp_path / "three")
    assert [sample["label"] for sample in described(tmp_path / "three")["samples"]] == ["3"] * 4
    stages.generate(rows_run, Wanted(num=4, label="4"), out=tmp_path / "four")
    assert contents(tmp_path / "three") != contents(tmp_path / "four")


def test_either_model_generates(text_run: Path, tmp_path: Path) -> None:
    for model, checkpoint in (("teacher_forced", "teacher_forcing.pt"), ("adversarial", "adversarial.pt")):
        stages.generate(text_run, Wanted(num=2, model=model), out=tmp_path / model)
        assert described(tmp_path / model)["checkpoint"] == checkpoint


def test_an_unfinished_run_generates_from_its_newest_checkpoint(text_run: Path, cut_short: Any, tmp_path: Path) -> None:
    stages.generate(cut_short(text_run, 2), Wanted(num=2), out=tmp_path / "out")
    assert described(tmp_path / "out")["checkpoint"] == "step-00000002.pt"


def test_temperature_zero_takes_the_most_likely(text_run: Path) -> None:
    # The tiny recipe has noise, so that sentences differ, but far less than when tokens are drawn.
    cold, warm = (set(stages.sample(text_run, Wanted(num=200, temperature=value))) for value in (0.0, 1.0))
    assert len(cold) < len(warm) / 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num": 0}, "--num must be at least 1, found 0"),
        ({"temperature": -0.5}, r"--temperature must be 0 \(the most likely\) or more, found -0.5"),
        ({"interpolate": 1}, "--interpolate must be at least 2, the two ends of a strip, found 1"),
        ({"interpolate": 3, "reject": 0.5}, "so --reject would have no meaning: leave one of them out"),
        ({"label": "ten"}, "there is no label 'ten'; this model knows 0, 1, 2"),
        ({"model": "teacher_forced"}, "has no finished model 'teacher_forced'; it has adversarial"),
    ],
)
def test_what_makes_no_sense_is_refused(rows_run: Path, tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        stages.generate(rows_run, Wanted(**settings), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_label_for_a_model_without_labels(text_run: Path) -> None:
    with pytest.raises(UserError, match="trained without labels"):
        stages.generate(text_run, Wanted(label="3"))


def test_nothing_is_trained_yet(tiny_text: Any, tmp_path: Path) -> None:
    stages.prepare(tiny_text(), tmp_path / "run")
    with pytest.raises(UserError, match="nothing is trained yet"):
        stages.generate(tmp_path / "run", Wanted())
    with pytest.raises(UserError, match="no phase of training is finished"):
        stages.evaluate(tmp_path / "run")


def test_strips_between_two_noises(rows_run: Path, tmp_path: Path) -> None:
    paths = stages.generate(rows_run, Wanted(interpolate=3), out=tmp_path / "all")
    assert [sample["label"] for sample in described(tmp_path / "all")["samples"]] == [
        str(label) for label in range(10) for _ in range(3)
    ]
    assert tmp_path / "all" / "strips.png" in paths
    with Image.open(tmp_path / "all" / "strips.png") as strips:
        # Three images of 56 pixels in a row and ten below each other, with gaps of 2.
        assert strips.size == (3 * 58 + 2, 10 * 58 + 2)
    stages.generate(rows_run, Wanted(interpolate=4, label="7"), out=tmp_path / "all")
    assert [sample["label"] for sample in described(tmp_path / "all")["samples"]] == ["7"] * 4
    assert len(list((tmp_path / "all").glob("image-*.png"))) == 4, "what an earlier call wrote is gone"


def test_no_way_between_sentences(text_run: Path) -> None:
    with pytest.raises(UserError, match="a generator of kind 'frames' with a noise_dim above 0"):
        stages.generate(text_run, Wanted(interpolate=3))


def test_the_command_line(rows_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["generate", str(rows_run), "--num", "2", "--seed", "3", "--label", "7", "--out", str(out)]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "samples.json")
    assert main([*words[:-1], str(out), "--label", "ten"]) == 2
    assert "there is no label 'ten'" in capsys.readouterr().err
