"""Images as sequences of rows: a step is one row of pixels, scaled to [-1, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.domains.base import Artefacts
from seqgan_toolkit.domains.rows.grid import image_grid
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

HALF_RANGE = 127.5


@dataclass(frozen=True)
class RowsDomain:
    """Images of one size: height is the number of steps, width times channels the size of a frame.

    Attributes:
        height: rows of an image.
        width: pixels of a row.
        channels: 1 (grey) or more.
    """

    height: int
    width: int
    channels: int = 1

    kind: ClassVar[str] = "rows"

    @property
    def space(self) -> FrameSpace:
        """Frames of `width * channels` values in [-1, 1]."""
        return FrameSpace(self.width * self.channels, planes=self.channels)

    def state(self) -> dict[str, Any]:
        """Return the size of an image."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the domain that `state` described."""
        return cls(**state)

    def encode(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Turn an image, uint8 [H, W] or [H, W, C], into its rows, float32 [H, W * C]."""
        rows = image.reshape(self.height, self.width * self.channels)
        return (rows / HALF_RANGE - 1).astype(np.float32)

    def decode(self, batch: SequenceBatch) -> Artefacts:
        """Turn sequences into images, uint8 [H, W] or [H, W, C]; rows that a sequence does not reach are black."""
        pixels = self._pixels(batch).to(torch.uint8).cpu().numpy()
        images = np.zeros((len(batch), self.height, self.width * self.channels), np.uint8)
        reached = min(self.height, pixels.shape[1])
        images[:, :reached] = pixels[:, :reached]
        shape = (self.height, self.width, self.channels) if self.channels > 1 else (self.height, self.width)
        return [image.reshape(shape) for image in images]

    def as_written(self, batch: SequenceBatch) -> SequenceBatch:
        """Return sequences as `encode` reads them from their images: each value is one of 256, to the last bit."""
        return SequenceBatch((self._pixels(batch).double() / HALF_RANGE - 1).float(), batch.lengths, batch.labels)

    def _pixels(self, batch: SequenceBatch) -> torch.Tensor:
        values = batch.values.detach().float().masked_fill(~batch.mask[..., None], self.space.low)
        return ((values.clamp(-1, 1) + 1) * HALF_RANGE).round()

    def write(self, artefacts: Artefacts, directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write `image-0000.png` … and `grid.png`, which shows them all; return the paths."""
        directory.mkdir(parents=True, exist_ok=True)
        paths = [directory / f"image-{index:04d}.png" for index in range(len(artefacts))]
        for path, image in zip(paths, artefacts, strict=True):
            _save(image, path)
        return [*paths, self.preview(artefacts, directory)]

    def preview(self, artefacts: Artefacts, directory: Path, captions: Sequence[str] = ()) -> Path:
        """Write `grid.png`, small images enlarged; return its path."""
        path = directory / "grid.png"
        _save(image_grid(artefacts), path)
        return path

    def strips(self, artefacts: Artefacts, directory: Path, length: int) -> Path:
        """Write `strips.png`, each `length` images in a row; return its path."""
        path = directory / "strips.png"
        _save(image_grid(artefacts, length), path)
        return path


def _save(image: npt.NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    with atomic_path(path) as temporary:
        Image.fromarray(image).save(temporary, format="PNG")
