"""Folders of images, numpy files, the built-in digits, and the door to all of them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqgan_toolkit.data.source import SPLITS
from seqgan_toolkit.domains.rows.arrays import ArraySource
from seqgan_toolkit.domains.rows.digits import DigitsSource
from seqgan_toolkit.domains.rows.images import ImageFolderSource, read_image
from seqgan_toolkit.domains.rows.reading import rows_source
from seqgan_toolkit.domains.rows.spec import RowsSpec
from seqgan_toolkit.errors import UserError

SHARES = {"valid_share": 0.2, "test_share": 0.2}


def save(path: Path, array: np.ndarray, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)


def everything(source) -> list:
    return [item for split in SPLITS for item in source.items(split)]


def grey(value: int, shape: tuple[int, ...] = (6, 5)) -> np.ndarray:
    return np.full(shape, value, np.uint8)


def test_folder_is_read_recursively_and_labelled_by_the_folder_an_image_lies_in(tmp_path: Path) -> None:
    for index in range(12):
        save(tmp_path / "set" / ("cat" if index % 2 else "deep/dog") / f"{index}.png", grey(index))
    (tmp_path / "set" / "notes.txt").write_text("no image")
    save(tmp_path / "set" / "cat" / ".hidden.png", grey(99))
    source = ImageFolderSource(tmp_path / "set", **SHARES)
    items = everything(source)
    assert sorted(int(item.value[0, 0]) for item in items) == list(range(12))
    assert all(item.label == ("cat" if item.value[0, 0] % 2 else "dog") for item in items)
    assert [source.size(split) for split in SPLITS] == [len(list(source.items(split))) for split in SPLITS]


def test_images_directly_in_the_folder_have_no_label(tmp_path: Path) -> None:
    save(tmp_path / "a.png", grey(1))
    assert [item.label for item in everything(ImageFolderSource(tmp_path, **SHARES))] == [None]


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no images"):
        ImageFolderSource(tmp_path, **SHARES)
    (tmp_path / "clip.wav").write_bytes(b"")
    with pytest.raises(UserError, match=r"; \.wav files are for recipes such as audio_lstm"):
        ImageFolderSource(tmp_path, **SHARES)


def test_unreadable_image_is_named(tmp_path: Path) -> None:
    save(tmp_path / "good.png", grey(1, (60, 60)))
    whole = (tmp_path / "good.png").read_bytes()
    for content in (b"no image at all", whole[: len(whole) // 2]):
        (tmp_path / "bad.png").write_bytes(content)
        with pytest.raises(UserError, match="bad.png: cannot be read as an image"):
            read_image(tmp_path / "bad.png")


def test_colour_modes(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    save(tmp_path / "colour.png", colour)
    assert np.array_equal(read_image(tmp_path / "colour.png"), colour)
    save(tmp_path / "alpha.png", np.dstack([colour, grey(7)]))
    assert np.array_equal(read_image(tmp_path / "alpha.png"), colour)
    Image.fromarray(grey(255)).convert("1").save(tmp_path / "bits.png")
    assert np.array_equal(read_image(tmp_path / "bits.png"), grey(255))
    save(tmp_path / "deep.png", np.full((6, 5), 0xAB12, np.uint16))
    assert np.array_equal(read_image(tmp_path / "deep.png"), grey(0xAB))


@pytest.mark.parametrize(
    "stored",
    [
        np.uint8,
        np.int64,
        lambda images: (images / 255).astype(np.float32),
        lambda images: images.astype(np.float64) / 255,
    ],
)
def test_arrays_of_every_allowed_type_give_the_same_images(tmp_path: Path, stored) -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 6, 5)).astype(np.uint8)
    np.save(tmp_path / "images.npy", stored(images))
    items = everything(ArraySource(tmp_path / "images.npy", **SHARES))
    assert {item.value.tobytes() for item in items} == {image.tobytes() for image in images}
    assert all(item.label is None and item.value.dtype == np.uint8 for item in items)


def test_npz_with_labels(tmp_path: Path) -> None:
    images = np.arange(20, dtype=np.uint8)[:, None, None] * np.ones((1, 6, 5), np.uint8)
    np.savez(tmp_path / "set.npz", x=images, labels=np.arange(20) % 3)
    items = everything(ArraySource(tmp_path / "set.npz", **SHARES))
    assert all(item.label == str(int(item.value[0, 0]) % 3) for item in items)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((3, 4), np.uint8)}, r"shape \(3, 4\); images are \[N, H, W\]"),
        ({"x": np.zeros((3, 4, 4, 7), np.uint8)}, "1 or 3 channels"),
        ({"x": np.full((3, 4, 4), 300)}, "from 300 to 300"),
        ({"x": np.full((3, 4, 4), -0.5)}, "from -0.5 to -0.5"),
        ({"x": np.full((3, 4, 4), np.nan)}, "from nan to nan"),
        ({"x": np.full((3, 4, 4), "a")}, "save them as uint8"),
        ({"x": np.zeros((3, 4, 4), np.uint8), "y": np.zeros(3)}, "holds 2: x, y"),
        ({"x": np.zeros((3, 4, 4), np.uint8), "labels": np.zeros(2)}, r"'labels' has the shape \(2,\)"),
        ({"x": np.zeros((3, 4, 4), np.uint8), "labels": np.zeros(3)}, "of type float64; labels are whole numbers"),
        ({"x": np.zeros((3, 4, 4), np.uint8), "labels": np.array([0, -1, 9])}, "go from -1 to 9; number the classes"),
    ],
)
def test_arrays_that_are_no_images(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(UserError, match=message):
        ArraySource(tmp_path / "set.npz", **SHARES)


def test_file_that_is_no_numpy_file(tmp_path: Path) -> None:
    for name in ("a.npy", "a.npz"):
        (tmp_path / name).write_bytes(b"something else")
        with pytest.raises(UserError, match="cannot be read as a numpy file"):
            ArraySource(tmp_path / name, **SHARES)


def test_digits_are_whole_balanced_and_always_split_alike() -> None:
    source = DigitsSource()
    counts = {split: Counter(item.label for item in source.items(split)) for split in SPLITS}
    assert sum(sum(counter.values()) for counter in counts.values()) == 1797
    assert 0.24 < sum(counts["test"].values()) / 1797 < 0.26
    for label in "0123456789":
        assert abs(counts["test"][label] - 45) <= 2
        assert counts["valid"][label] >= 8
    values = np.stack([item.value for item in source.items("train")])
    assert values.shape[1:] == (8, 8)
    assert (values.min(), values.max()) == (0, 255)
    again = np.stack([item.value for item in DigitsSource().items("train")])
    assert np.array_equal(values, again)


def test_door_opens_each_kind(tmp_path: Path) -> None:
    spec = RowsSpec()
    assert isinstance(rows_source("digits", spec), DigitsSource)
    np.save(tmp_path / "a.npy", np.zeros((9, 3, 3), np.uint8))
    assert isinstance(rows_source(str(tmp_path / "a.npy"), spec), ArraySource)
    save(tmp_path / "images" / "a.png", grey(1))
    assert isinstance(rows_source(str(tmp_path / "images"), spec), ImageFolderSource)
    with pytest.raises(UserError, match="no such file or folder, and the built-in image sets are 'digits' and 'mnist'"):
        rows_source(str(tmp_path / "digit"), spec)
    with pytest.raises(UserError, match=r"a\.png: this is a single image; give the folder of all images"):
        rows_source(str(tmp_path / "images" / "a.png"), spec)
