"""The folder of shapes is drawn, read, learnt from and generated from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqgan_toolkit.cli.main import main
from seqgan_toolkit.data.corpus import Corpus

EXAMPLE = Path(__file__).parents[2] / "egs" / "own_images"
SHAPES = ("cross", "disc", "ring", "square", "triangle")


def pixels(path: Path) -> np.ndarray:
    """Read an image."""
    with Image.open(path) as image:
        return np.asarray(image)


def draw(folder: Path, *words: str) -> dict[str, list[np.ndarray]]:
    """Run the script, and return the images of each folder."""
    subprocess.run([sys.executable, EXAMPLE / "make_images.py", "--out", folder, *words], check=True)
    return {path.name: [pixels(image) for image in sorted(path.iterdir())] for path in folder.iterdir()}


def test_a_folder_in_and_a_grid_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = draw(tmp_path / "data", "--num", "20")
    assert {name: len(images) for name, images in drawn.items()} == dict.fromkeys(SHAPES, 20)
    assert {image.shape for images in drawn.values() for image in images} == {(16, 16, 3)}
    small = ["generator.hidden_dim=8", "adversarial.steps=1", "adversarial.batch_size=8", "device=cpu"]
    words = [f"data.source={tmp_path / 'data'}", *small, "--out", str(tmp_path / "run")]
    assert main(["train", str(EXAMPLE / "conf" / "lstm.yaml"), *words]) == 0
    assert Corpus(tmp_path / "run" / "corpus").label_names == SHAPES
    assert main(["generate", str(tmp_path / "run"), "--label", "ring", "--num", "2"]) == 0
    capsys.readouterr()
    assert pixels(tmp_path / "run" / "generated" / "image-0000.png").shape == (16, 16, 3)


def test_a_seed_gives_the_same_images_and_another_one_others(tmp_path: Path) -> None:
    first, again, other = (
        draw(tmp_path / name, "--num", "2", "--seed", seed) for name, seed in (("a", "1"), ("b", "1"), ("c", "2"))
    )
    for shape in SHAPES:
        np.testing.assert_array_equal(first[shape], again[shape])
        assert not np.array_equal(first[shape], other[shape])
        # Two colours, and a soft edge between them.
        assert 2 < len(np.unique(first[shape][0].reshape(-1, 3), axis=0)) < 200
