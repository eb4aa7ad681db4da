"""Images from idx files: MNIST's four files in a folder, or one file alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.rows.idx import IMAGE_DIMS, LABEL_DIMS, IdxFile
from seqgan_toolkit.domains.rows.splits import assign_splits
from seqgan_toolkit.errors import UserError

SEPARATORS = ("-", ".")
"""`train-images-idx3-ubyte` is the published name, `train-images.idx3-ubyte` a common copy's."""


@dataclass(frozen=True)
class LabelledIdx:
    """A file of images and the file of their labels, if there is one."""

    images: IdxFile
    labels: IdxFile | None

    @classmethod
    def open(cls, images: Path, labels: Path | None) -> Self:
        """Open both files.

        Raises:
            UserError: one of them is no idx file, or they do not hold equally many items.
        """
        opened = cls(IdxFile(images, IMAGE_DIMS), None if labels is None else IdxFile(labels, LABEL_DIMS))
        if opened.labels is not None and len(opened.labels) != len(opened.images):
            raise UserError(
                f"{labels}: {len(opened.labels)} labels for the {len(opened.images)} images of {images}: "
                "the two files do not belong together"
            )
        return opened

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[RawItem]:
        names: Iterator[str | None] = (
            iter([None] * len(self)) if self.labels is None else (str(label) for label in _scalars(self.labels))
        )
        for index, (image, name) in enumerate(zip(self.images, names, strict=True)):
            yield RawItem(image, name, f"{self.images.path}: image {index}")


class IdxSource:
    """Images from idx files; an official test file is kept, validation is held out of the training file."""

    def __init__(
        self, train: LabelledIdx, test: LabelledIdx | None, *, name: str, valid_share: float, test_share: float
    ) -> None:
        self.name = name
        self._train = train
        self._test = test
        keys = (f"train-{index}" for index in range(len(train)))
        self._splits = assign_splits(keys, valid_share=valid_share, test_share=test_share, has_test=test is not None)

    @classmethod
    def from_folder(cls, folder: Path, *, valid_share: float, test_share: float, name: str | None = None) -> Self:
        """Open a folder with MNIST's four files (or those of a set with the same layout)."""
        parts = [_find_pair(folder, part) for part in ("train", "t10k")]
        train, test = parts
        if train is None:
            raise UserError(f"{folder}: there is no file train-images-idx3-ubyte(.gz) in it")
        if test is not None and (test.labels is None) != (train.labels is None):
            raise UserError(f"{folder}: one of the files train-labels and t10k-labels is missing: add it")
        return cls(train, test, name=name or folder.name, valid_share=valid_share, test_share=test_share)

    @classmethod
    def from_file(cls, path: Path, *, valid_share: float, test_share: float) -> Self:
        """Open one file of images, with the labels of the file beside it that is named after it."""
        pair = LabelledIdx.open(path, _labels_beside(path))
        return cls(pair, None, name=path.name, valid_share=valid_share, test_share=test_share)

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the images of one split, uint8 [H, W(, C)]."""
        if split == "test" and self._test is not None:
            yield from self._test
            return
        for item, chosen in zip(self._train, self._splits, strict=True):
            if chosen == split:
                yield item

    def size(self, split: Split) -> int | None:
        """Return the number of images of one split."""
        if split == "test" and self._test is not None:
            return len(self._test)
        return self._splits.count(split)


def looks_like_mnist(folder: Path) -> bool:
    """Tell whether a folder holds a file of training images under MNIST's name."""
    return _find(folder, "train-images", 3) is not None


def _find_pair(folder: Path, part: str) -> LabelledIdx | None:
    images = _find(folder, f"{part}-images", 3)
    return None if images is None else LabelledIdx.open(images, _find(folder, f"{part}-labels", 1))


def _find(folder: Path, stem: str, dims: int) -> Path | None:
    for separator in SEPARATORS:
        for suffix in (".gz", ""):
            path = folder / f"{stem}{separator}idx{dims}-ubyte{suffix}"
            if path.is_file():
                return path
    return None


def _labels_beside(images: Path) -> Path | None:
    """Return the labels of `train-images-idx3-ubyte.gz`: `train-labels-idx1-ubyte`, with or without .gz."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    plain = name.removesuffix(".gz")
    for candidate in (name, plain, f"{plain}.gz"):
        path = images.with_name(candidate)
        if path != images and path.is_file():
            return path
    return None


def _scalars(labels: IdxFile) -> Iterator[npt.NDArray[np.uint8]]:
    yield from labels
