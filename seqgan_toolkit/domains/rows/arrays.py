"""Images from a numpy file: npy, or npz with an optional array of labels."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.rows.splits import assign_splits
from seqgan_toolkit.errors import UserError

LABELS = "labels"


class ArraySource:
    """Images [N, H, W] or [N, H, W, C] of an npy file (read as it is needed) or npz file (held in memory).

    Values are integers from 0 to 255, booleans, or floats from 0 to 1.
    """

    def __init__(self, path: Path, *, valid_share: float, test_share: float) -> None:
        """Open the file and check its array.

        Raises:
            UserError: the file or its array is not of that kind.
        """
        self.name = path.name
        self._path = path
        self._images, self._labels = _load(path)
        _check_shape(self._images, path)
        self._scale = _scale(self._images, path)
        if self._labels is not None and self._labels.shape != (len(self._images),):
            raise UserError(
                f"{path}: '{LABELS}' has the shape {self._labels.shape} and there are {len(self._images)} images: "
                f"it should be ({len(self._images)},)"
            )
        if self._labels is not None:
            _check_labels(self._labels, path)
        keys = (f"image-{index}" for index in range(len(self._images)))
        self._splits = assign_splits(keys, valid_share=valid_share, test_share=test_share)

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the images of one split, uint8 [H, W(, C)]."""
        for index, chosen in enumerate(self._splits):
            if chosen == split:
                image = np.round(self._images[index] * self._scale).astype(np.uint8)
                label = None if self._labels is None else str(self._labels[index])
                yield RawItem(image, label, f"{self._path}: image {index}")

    def size(self, split: Split) -> int | None:
        """Return the number of images of one split."""
        return self._splits.count(split)


def _load(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded, None
        with loaded:
            arrays = {key: loaded[key] for key in loaded.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: cannot be read as a numpy file ({error})") from error
    labels = arrays.pop(LABELS, None)
    if len(arrays) != 1:
        raise UserError(
            f"{path}: one array of images and an optional '{LABELS}' were expected, and beside '{LABELS}' it holds "
            f"{len(arrays)}: {', '.join(sorted(arrays)) or 'nothing'}"
        )
    return next(iter(arrays.values())), labels


def _check_shape(images: npt.NDArray[Any], path: Path) -> None:
    if images.ndim not in (3, 4) or 0 in images.shape or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise UserError(
            f"{path}: an array of the shape {images.shape}; images are [N, H, W], or [N, H, W, C] with 1 or 3 channels"
        )


def _check_labels(labels: npt.NDArray[Any], path: Path) -> None:
    if labels.dtype.kind not in "biuU":
        raise UserError(f"{path}: '{LABELS}' of type {labels.dtype}; labels are whole numbers from 0 on, or names")
    if labels.dtype.kind == "i" and len(labels) and labels.min() < 0:
        raise UserError(
            f"{path}: '{LABELS}' go from {labels.min()} to {labels.max()}; number the classes from 0 on, or name them"
        )


def _scale(images: npt.NDArray[Any], path: Path) -> float:
    """Return what takes the values to 0 … 255, by their type; the range is checked chunk by chunk."""
    if images.dtype == np.uint8:
        return 1.0
    if images.dtype.kind not in "biuf":
        raise UserError(f"{path}: values of type {images.dtype}; save them as uint8 from 0 to 255")
    low, high = _range(images)
    if images.dtype == np.bool_:
        return 255.0
    top = 1 if images.dtype.kind == "f" else 255
    if not (low >= 0 and high <= top):
        raise UserError(
            f"{path}: values of type {images.dtype} from {low:g} to {high:g}; "
            "save them as integers from 0 to 255 or as floats from 0 to 1"
        )
    return 255.0 / top


def _range(images: npt.NDArray[Any]) -> tuple[float, float]:
    chunks = [images[start : start + 1024] for start in range(0, len(images), 1024)]
    lows, highs = zip(*((float(chunk.min()), float(chunk.max())) for chunk in chunks), strict=True)
    return min(lows), max(highs)
