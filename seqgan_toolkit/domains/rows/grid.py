"""Many small images as one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CELL_PIXELS = 56
"""Images smaller than this are enlarged, so that an 8 x 8 digit can be seen."""
GAP_PIXELS = 2
BACKGROUND = 128

Image = npt.NDArray[np.uint8]


def image_grid(images: Sequence[Image], num_columns: int | None = None) -> Image:
    """Lay images of one size out in a grid, left to right and top to bottom.

    Args:
        images: at least one, uint8 [H, W] or [H, W, C].
        num_columns: images in a row; those of `grid_columns` when None.

    Returns:
        uint8 [height, width] or [height, width, C]; every pixel of an image becomes a square of whole pixels.
    """
    cells = [_enlarge(image) for image in images]
    num_columns = grid_columns(len(cells)) if num_columns is None else num_columns
    num_rows = math.ceil(len(cells) / num_columns)
    height, width = cells[0].shape[0] + GAP_PIXELS, cells[0].shape[1] + GAP_PIXELS
    shape = (num_rows * height + GAP_PIXELS, num_columns * width + GAP_PIXELS, *cells[0].shape[2:])
    canvas = np.full(shape, BACKGROUND, np.uint8)
    for index, cell in enumerate(cells):
        top = GAP_PIXELS + index // num_columns * height
        left = GAP_PIXELS + index % num_columns * width
        canvas[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return canvas


def grid_columns(count: int) -> int:
    """Return 10 columns where they come out even (so that cycled digits stand in columns), else a square's side."""
    return 10 if count >= 20 and count % 10 == 0 else math.ceil(math.sqrt(count))


def _enlarge(image: Image) -> Image:
    """Repeat every pixel, which is interpolation by the nearest neighbour."""
    factor = max(1, math.ceil(CELL_PIXELS / max(image.shape[:2])))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)
