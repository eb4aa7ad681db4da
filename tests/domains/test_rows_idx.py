"""The idx reader and the source over MNIST's files."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit.domains.rows import idx
from seqgan_toolkit.domains.rows.idx import IMAGE_DIMS, LABEL_DIMS, IdxFile
from seqgan_toolkit.domains.rows.idx_source import IdxSource
from seqgan_toolkit.errors import UserError

SHARES = {"valid_share": 0.2, "test_share": 0.2}


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def random_images(count: int, seed: int = 0, shape: tuple[int, ...] = (5, 4)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
def test_reads_back_what_was_written_over_chunk_borders(tmp_path: Path, monkeypatch, pack, shape) -> None:
    monkeypatch.setattr(idx, "CHUNK_BYTES", 130)
    images = random_images(23, shape=shape)
    path = tmp_path / "images"
    path.write_bytes(pack(idx_bytes(images)))
    file = IdxFile(path, IMAGE_DIMS)
    assert file.shape == images.shape
    for _ in range(2):
        assert np.array_equal(np.stack(list(file)), images)


def test_wrong_magic_says_what_was_found_and_what_is_right(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(b"\x89PNG and more")
    with pytest.raises(UserError, match="begins with 0x89504e47, and should with 0x00000803 or 0x00000804"):
        IdxFile(path, IMAGE_DIMS)
    path.write_bytes(idx_bytes(random_images(2)))
    with pytest.raises(UserError, match="not an idx file of labels: it begins with 0x00000803.*0x00000801"):
        IdxFile(path, LABEL_DIMS)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_short_file_gives_bytes_expected_and_found(tmp_path: Path, pack) -> None:
    path = tmp_path / "images"
    path.write_bytes(pack(idx_bytes(random_images(10))[:-30]))
    with pytest.raises(UserError, match=r"10 x 5 x 4 values, which take 216 bytes, and 186 were found"):
        list(IdxFile(path, IMAGE_DIMS))


def test_cut_and_damaged_gzip_are_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    packed = gzip.compress(idx_bytes(random_images(50)))
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UserError, match="cut short"):
        list(IdxFile(path, IMAGE_DIMS))
    path.write_bytes(packed[:-8] + b"\0" * 8)
    with pytest.raises(UserError, match="damaged"):
        list(IdxFile(path, IMAGE_DIMS))


def test_file_longer_than_its_header_promises(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(idx_bytes(random_images(10)) + b"more")
    with pytest.raises(UserError, match="goes on after the 10 x 5 x 4 values"):
        list(IdxFile(path, IMAGE_DIMS))


@pytest.mark.parametrize(("content", "message"), [(b"", "empty"), (b"\0\0\x08\x03\0\0", "cut short: 6 bytes")])
def test_file_without_a_whole_header(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        IdxFile(path, IMAGE_DIMS)


def write_mnist_layout(folder: Path, num_train: int = 60, num_test: int = 7) -> dict[str, np.ndarray]:
    folder.mkdir(exist_ok=True)
    arrays = {}
    for part, count in (("train", num_train), ("t10k", num_test)):
        arrays[part] = random_images(count, seed=count)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(arrays[part])))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(np.arange(count) % 10)))
    return arrays


def test_mnist_folder_keeps_the_official_test_and_splits_the_rest_without_overlap(tmp_path: Path) -> None:
    arrays = write_mnist_layout(tmp_path / "set")
    source = IdxSource.from_folder(tmp_path / "set", **SHARES)
    items = {split: list(source.items(split)) for split in ("train", "valid", "test")}
    assert np.array_equal(np.stack([item.value for item in items["test"]]), arrays["t10k"])
    held = {item.value.tobytes() for item in items["valid"]}
    assert held
    assert not held & {item.value.tobytes() for item in items["train"]}
    assert len(items["train"]) + len(items["valid"]) == 60
    assert {split: source.size(split) for split in items} == {split: len(found) for split, found in items.items()}
    wanted = {image.tobytes(): str(index % 10) for index, image in enumerate(arrays["train"])}
    assert all(item.label == wanted[item.value.tobytes()] for item in items["train"])


def test_label_count_must_be_the_image_count(tmp_path: Path) -> None:
    write_mnist_layout(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(np.arange(9))))
    with pytest.raises(UserError, match="9 labels for the 60 images"):
        IdxSource.from_folder(tmp_path, **SHARES)


def test_single_file_is_labelled_only_by_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "my-images.idx3").write_bytes(idx_bytes(random_images(30)))
    source = IdxSource.from_file(tmp_path / "my-images.idx3", **SHARES)
    assert {item.label for item in source.items("train")} == {None}
    (tmp_path / "my-labels.idx1").write_bytes(idx_bytes(np.full(30, 3)))
    source = IdxSource.from_file(tmp_path / "my-images.idx3", **SHARES)
    assert {item.label for item in source.items("train")} == {"3"}
    assert source.size("test") > 0
