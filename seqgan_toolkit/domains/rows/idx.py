"""The idx format of MNIST: a big-endian header and unsigned bytes, gzipped or not, read in chunks."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.errors import UserError

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08
CHUNK_BYTES = 2**20

IMAGE_DIMS = (3, 4)
"""Images are [N, H, W], or [N, H, W, C] in colour."""
LABEL_DIMS = (1,)


class IdxFile:
    """An idx file of unsigned bytes; iterating gives its items one by one and holds one chunk in memory."""

    def __init__(self, path: Path, num_dims: tuple[int, ...]) -> None:
        """Read and check the header.

        Args:
            path: the file, gzipped (told by its first bytes) or not.
            num_dims: how many dimensions the array may have: `IMAGE_DIMS` or `LABEL_DIMS`.

        Raises:
            UserError: the file is missing, empty, damaged, or no idx file of that many dimensions.
        """
        self.path = path
        with _open(path) as file:
            self.shape = _read_header(file, path, num_dims)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def header_bytes(self) -> int:
        """The size of the header: the magic number and one number for each dimension."""
        return 4 + 4 * len(self.shape)

    def __iter__(self) -> Iterator[npt.NDArray[np.uint8]]:
        item_shape = self.shape[1:]
        item_bytes = int(np.prod(item_shape, dtype=np.int64))
        items_in_chunk = max(1, CHUNK_BYTES // item_bytes)
        with _open(self.path) as file:
            _read(file, self.header_bytes, self.path)
            for start in range(0, len(self), items_in_chunk):
                count = min(items_in_chunk, len(self) - start)
                data = _read(file, count * item_bytes, self.path)
                if len(data) < count * item_bytes:
                    raise self._too_short(start * item_bytes + len(data))
                yield from np.frombuffer(data, np.uint8).reshape(count, *item_shape)
            # Reading on to the end also makes gzip compare its checksum.
            if _read(file, 1, self.path):
                raise UserError(f"{self.path}: the file goes on after the {self._promise()} that its header promises")

    def _promise(self) -> str:
        return " x ".join(str(size) for size in self.shape) + " values"

    def _too_short(self, found: int) -> UserError:
        expected = self.header_bytes + int(np.prod(self.shape, dtype=np.int64))
        return UserError(
            f"{self.path}: the file is cut short: its header promises {self._promise()}, which take {expected} bytes, "
            f"and {self.header_bytes + found} were found; get the file again"
        )


def _open(path: Path) -> BinaryIO:
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == GZIP_MAGIC
        return cast(BinaryIO, gzip.open(path, "rb")) if zipped else open(path, "rb")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def _read(file: BinaryIO, num_bytes: int, path: Path) -> bytes:
    """Read up to `num_bytes`; a gzip stream that ends too early gives what there is of it."""
    parts: list[bytes] = []
    missing = num_bytes
    while missing:
        try:
            part = file.read(min(missing, 2**16))
        except EOFError:
            break
        except (OSError, zlib.error) as error:
            raise UserError(f"{path}: the file is damaged ({error}): get it again") from error
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _read_header(file: BinaryIO, path: Path, num_dims: tuple[int, ...]) -> tuple[int, ...]:
    magic = _read(file, 4, path)
    if not magic:
        raise UserError(f"{path}: the file is empty, and an idx file was expected")
    dims = magic[3] if len(magic) == 4 and magic[:3] == bytes([0, 0, UNSIGNED_BYTE]) else None
    if dims is None or dims not in num_dims:
        right = " or ".join(f"0x{bytes([0, 0, UNSIGNED_BYTE, count]).hex()}" for count in num_dims)
        what = "labels" if num_dims == LABEL_DIMS else "images"
        raise UserError(
            f"{path}: not an idx file of {what}: it begins with 0x{magic.hex()}, and should with {right}"
            f"{read_elsewhere([path])}"
        )
    sizes = _read(file, 4 * dims, path)
    if len(sizes) < 4 * dims:
        raise UserError(f"{path}: the file is cut short: {4 + len(sizes)} bytes where its header takes {4 + 4 * dims}")
    shape: tuple[Any, ...] = struct.unpack(f">{dims}I", sizes)
    if 0 in shape:
        raise UserError(f"{path}: the file holds nothing: its header gives the sizes {shape}")
    return shape
