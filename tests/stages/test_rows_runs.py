"""Images that are no grey digits, from files to files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqgan_toolkit import stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.schema import Recipe

MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Forty pictures of 8 x 5 pixels, red on the left and blue on the right, in the folders `a` and `b`."""
    random = np.random.default_rng(1)
    for number in range(40):
        image = random.integers(0, 60, (8, 5, 3)).astype(np.uint8)
        image[:, :2, 0] += 190
        image[:, 3:, 2] += 190
        path = tmp_path / "colours" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return tmp_path / "colours"


def test_colour_images_without_labels(tiny_rows: MakeRecipe, colours: Path, tmp_path: Path) -> None:
    encoders = "[{kind: recurrent, hidden_dim: 8}, {kind: patches, channels: [4], dense_dim: 8}]"
    source = [f"data.source={colours}", "data.label=none", f"discriminator.encoders={encoders}"]
    fast = ["generator_optimizer.lr=0.01", "discriminator_optimizer.lr=0.01", "steps=30"]
    # Without labels a group is of any neighbours: here it is the whole batch.
    recipe = tiny_rows(*source, "discriminator.group_size=16", "ema=0.5", *(f"adversarial.{key}" for key in fast))
    stages.train(recipe, tmp_path / "run")
    images = np.stack(stages.sample(tmp_path / "run", Wanted(num=32))).astype(float)
    assert images.shape == (32, 8, 5, 3)
    mean = images.mean(axis=(0, 1))
    assert mean[:2, 0].mean() > mean[3:, 0].mean() + 50, "red on the left"
    assert mean[3:, 2].mean() > mean[:2, 2].mean() + 50, "blue on the right"
    stages.generate(tmp_path / "run", Wanted(interpolate=5), out=tmp_path / "strip")
    with Image.open(tmp_path / "strip" / "strips.png") as strip:
        assert strip.mode == "RGB"
        assert strip.width > 5 * 35
        assert strip.height < 2 * 56 + 6, "without labels there is one strip"


def test_a_folder_of_four_idx_files_by_its_path(tiny_rows: MakeRecipe, tmp_path: Path) -> None:
    folder, random = tmp_path / "fashion", np.random.default_rng(1)
    folder.mkdir()
    for part, count in (("train", 60), ("t10k", 10)):
        images, labels = random.integers(0, 256, (count, 8, 8)).astype(np.uint8), np.arange(count, dtype=np.uint8) % 10
        for stem, dims, array in (("images", 3, images), ("labels", 1, labels)):
            head = bytes([0, 0, 8, dims]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
            (folder / f"{part}-{stem}-idx{dims}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    recipe = tiny_rows(f"data.source={folder}", "adversarial.steps=1", "data.valid_share=0")
    stages.train(recipe, tmp_path / "run")
    stages.generate(tmp_path / "run", Wanted(num=20), out=tmp_path / "out")
    assert len(list((tmp_path / "out").glob("image-*.png"))) == 20


def test_packs_have_no_score_for_one_sequence(tiny_rows: MakeRecipe, tmp_path: Path) -> None:
    stages.train(tiny_rows("discriminator.packing=2", "adversarial.steps=1"), tmp_path / "run")
    with pytest.raises(UserError, match="judges packs of 2 and has no score for one sequence"):
        stages.sample(tmp_path / "run", Wanted(num=4, reject=0.5))
