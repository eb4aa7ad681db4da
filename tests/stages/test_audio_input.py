"""Folders as people have them, from the command line to a trained model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from seqgan_toolkit.cli.main import main
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.audio import ClipStore

RECIPE = """\
name: tiny_audio
device: cpu
threads: 1
data: {kind: audio, source: SOURCE, hop: 128, num_mels: 32, valid_share: 0.0, test_share: 0.0}
generator: {kind: frames, hidden_dim: 8, noise_dim: 4, frames_per_step: 2, postnet_dim: 4, reach: 1.2}
discriminator:
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 8, frames_per_step: 2}
    - {kind: patches, channels: [4, 8, 8], dense_dim: 8}
  dense_dim: 8
adversarial: {steps: 2, batch_size: 4, estimator: {kind: pathwise}, max_shift: 3}
"""

Run = Callable[..., int]


def write(path: Path, seconds: float, rate: int = 8000, channels: int = 1, level: float = 0.5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = level * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.repeat(sound[:, None], channels, axis=1), rate)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for index in range(4):
        write(tmp_path / "sounds" / "ab"[index % 2] / f"{index}.wav", 0.3)
    return tmp_path / "sounds"


@pytest.fixture
def give(tmp_path: Path) -> Run:
    """Give a command on the folder of sounds; return its exit code."""
    recipe = tmp_path / "tiny_audio.yaml"
    recipe.write_text(RECIPE.replace("SOURCE", str(tmp_path / "sounds")), encoding="utf-8")
    return lambda verb, *more: main([verb, str(recipe), "--out", str(tmp_path / "run"), *more])


def notes(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "corpus" / "corpus.json").read_text(encoding="utf-8"))["notes"])


def test_clips_of_all_kinds_are_trained_on(folder: Path, give: Run, tmp_path: Path) -> None:
    write(folder / "a" / "short.wav", 0.005)
    write(folder / "a" / "long.wav", 600)
    write(folder / "b" / "eight.wav", 0.4, rate=44100, channels=8)
    write(folder / "b" / "stereo.flac", 0.4, rate=22050, channels=2)
    write(folder / "b" / "slow.ogg", 0.4, rate=16000)
    assert give("train") == 0
    found = notes(tmp_path / "run")
    assert (found["clips"], found["cut_to_max_seconds"], found["left_out"]) == (9, 1, 0)
    train = Corpus(tmp_path / "run" / "corpus").splits["train"]
    # In the order of their paths: 0, 2, long and short of a; 1, 3, eight, slow and stereo of b.
    assert train.lengths.tolist() == [19, 19, 63, 1, 19, 19, 25, 25, 25]
    eight = ClipStore(tmp_path / "run" / "corpus", "train")[6]
    assert np.abs(eight[400:-400]).max() == pytest.approx(0.5, abs=0.01)


def test_the_same_clips_are_heard_and_seen_at_every_preview(folder: Path, give: Run, tmp_path: Path) -> None:
    assert give("train", "logging.preview_every=1", "logging.num_preview=3", "adversarial.steps=2") == 0
    previews = [tmp_path / "run" / "samples" / f"step-0000000{step}" for step in (1, 2)]
    for preview in previews:
        names = sorted(path.name for path in preview.iterdir())
        assert names == ["clip-0000.wav", "clip-0001.wav", "clip-0002.wav", "spectrograms.png"]
    first, second = (soundfile.read(preview / "clip-0000.wav")[0] for preview in previews)
    assert len(first) == len(second), "the same noise and label have the same length"
    assert not np.array_equal(first, second)


def test_clips_of_any_length(folder: Path, give: Run, tmp_path: Path) -> None:
    assert give("train") == 0
    for seconds, samples in ((0.1, 896), (2.0, 16_000)):
        assert main(["generate", str(tmp_path / "run"), "--num", "2", "--seconds", str(seconds)]) == 0
        clip, rate = soundfile.read(tmp_path / "run" / "generated" / "clip-0001.wav")
        assert (len(clip), rate) == (samples, 8000)
    described = json.loads((tmp_path / "run" / "generated" / "samples.json").read_text(encoding="utf-8"))
    assert (described["spec"]["hop"], described["seconds"]) == (128, 2.0)


def test_strips_of_clips(folder: Path, give: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert give("train") == 0
    capsys.readouterr()
    assert main(["generate", str(tmp_path / "run"), "--interpolate", "3"]) == 0
    written = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    clips = [f"clip-000{index}.wav" for index in range(6)]
    assert written == [*clips, "spectrograms.png", "strips.png", "samples.json"]
    assert (tmp_path / "run" / "generated" / "strips.png").read_bytes()[:4] == b"\x89PNG"


def test_clips_of_five_milliseconds_alone(give: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for index in range(4):
        write(tmp_path / "sounds" / f"{index}.wav", 0.005)
    assert give("train") == 2
    assert "3 halvings leave nothing of 4 steps of 32 places; give fewer channels" in capsys.readouterr().err
    assert give("train", "discriminator.encoders.1.channels=[4]", "--out", str(tmp_path / "fewer")) == 0
    assert Corpus(tmp_path / "fewer" / "corpus").max_length == 1


def test_a_corrupt_file_among_good_ones(
    folder: Path, give: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a" / "broken.wav").write_bytes(b"RIFF and nothing more")
    assert give("prepare") == 2
    assert "broken.wav: cannot be read as sound" in capsys.readouterr().err
    assert give("prepare", "--skip-bad") == 0
    assert f"left out: {folder / 'a' / 'broken.wav'}" in capsys.readouterr().err
    assert (notes(tmp_path / "run")["clips"], notes(tmp_path / "run")["left_out"]) == (4, 1)


@pytest.mark.parametrize(
    ("levels", "more", "message"),
    [
        ([], [], "no sound files"),
        ([0.5], [], "the data give 1 training sequence(s), and training needs at least 2"),
        ([0.0, 0.0, 0.0], [], "0.wav: silent"),
        ([0.0, 0.0, 0.0], ["--skip-bad"], "no training clip is left: 0 clips in the other splits, 3 left out"),
        ([0.5, 0.5], ["data.label=^(?P<label>[a-z])"], "0.wav: the label pattern '^(?P<label>[a-z])' does not match"),
        ([0.5, 0.5], ["data.max_seconds=0.01"], "fewer than one window of n_fft 256"),
    ],
)
def test_what_cannot_be_learnt_from(
    give: Run, tmp_path: Path, levels: list[float], more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "readme.txt").write_text("no sound")
    for index, level in enumerate(levels):
        write(tmp_path / "sounds" / f"{index}.wav", 0.3, level=level)
    assert give("prepare", *more) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("recipe.yaml", "hop: 128", "hop: 64", "its recipe.yaml is not the one that adversarial.pt .*hop: 64 and 128"),
        (
            "corpus/corpus.json",
            '"hop": 128',
            '"hop": 64',
            r"its corpus is not .* adversarial.pt .*spec\.hop: 64 and 128",
        ),
        ("corpus/corpus.json", '"log-mel 1"', '"log-mel 0"', "definition: log-mel 0 and log-mel 1"),
    ],
)
def test_sounds_of_another_kind_are_refused_by_name(
    folder: Path, give: Run, tmp_path: Path, file: str, old: str, new: str, message: str, capsys: Any
) -> None:
    assert give("train") == 0
    path = tmp_path / "run" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    capsys.readouterr()
    assert main(["generate", str(tmp_path / "run")]) == 2
    assert re.search(message, capsys.readouterr().err)
