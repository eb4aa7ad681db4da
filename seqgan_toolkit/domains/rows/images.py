"""Images from a folder of png, jpg and other files, labelled by their sub-folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.domains.rows.splits import assign_splits
from seqgan_toolkit.errors import UserError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
GREY_MODES = frozenset({"1", "L", "LA"})


class ImageFolderSource:
    """Every image under a folder; the folder that an image lies in names its class."""

    def __init__(self, folder: Path, *, valid_share: float, test_share: float) -> None:
        """List the images.

        Raises:
            UserError: there are none.
        """
        self.name = folder.name
        self._folder = folder
        self._paths = [path for path in sorted(folder.rglob("*")) if _is_image(path)]
        if not self._paths:
            raise UserError(
                f"{folder}: the folder holds no images; expected {', '.join(sorted(SUFFIXES))} files in it or in its "
                f"sub-folders, or MNIST's idx files (train-images-idx3-ubyte.gz …){read_elsewhere(folder.rglob('*'))}"
            )
        keys = (path.relative_to(folder).as_posix() for path in self._paths)
        self._splits = assign_splits(keys, valid_share=valid_share, test_share=test_share)

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the images of one split, uint8 [H, W] where grey and [H, W, 3] in colour."""
        for path, chosen in zip(self._paths, self._splits, strict=True):
            if chosen == split:
                label = None if path.parent == self._folder else path.parent.name
                yield RawItem(read_image(path), label, str(path))

    def size(self, split: Split) -> int | None:
        """Return the number of images of one split."""
        return self._splits.count(split)


def read_image(path: Path) -> npt.NDArray[np.uint8]:
    """Read one image file: uint8 [H, W] where it is grey, [H, W, 3] otherwise (transparency is dropped).

    Raises:
        UserError: the file cannot be read as an image.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode.startswith("I") or image.mode == "F":
                return _from_wide(np.asarray(image))
            return np.asarray(image.convert("L" if image.mode in GREY_MODES else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path}: cannot be read as an image ({error}): mend or remove this file") from error


def _from_wide(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Scale grey values of 16 bits to 8: Pillow's own conversion clips them instead."""
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65535:
        raise ValueError(f"its values go from {values.min()} to {values.max()}, and 0 to 65535 can be read")
    return (values >> 8).astype(np.uint8)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
