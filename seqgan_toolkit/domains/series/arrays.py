"""Reads numpy files as tables: columns by name, or series that are cut already."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.series.table import RawTable
from seqgan_toolkit.errors import UserError

GROUP = "series"
"""The name of the column that numbers the series of an array [N, T, C]."""


def open_arrays(path: Path) -> RawTable:
    """Read an npy file, or an npz file with one array or with a one-dimensional array for each column.

    One array is [R] or [R, C], rows of a table, or [N, T, C], N series; its columns are called `x1` to `xC`.

    Raises:
        UserError: the file or its arrays are not of that kind.
    """
    arrays = _load(path)
    if not isinstance(arrays, dict):
        return table_of(path.name, arrays)
    if len(arrays) == 1 and (only := next(iter(arrays.values()))).ndim > 1:
        return table_of(path.name, only)
    lengths = {name: array.shape for name, array in arrays.items()}
    if not arrays or len(set(lengths.values())) > 1 or any(len(shape) != 1 for shape in lengths.values()):
        listed = ", ".join(f"{name} {shape}" for name, shape in lengths.items())
        raise UserError(
            f"{path.name} holds {listed or 'no array'}; one array [rows, columns] or [series, steps, columns] belongs "
            "in it, or an array [rows] for each column, all equally long"
        )
    return _one_block(path.name, arrays)


def table_of(name: str, values: npt.NDArray[Any], header: tuple[str, ...] | None = None) -> RawTable:
    """Return a table of an array [R], [R, C] or [N, T, C].

    Args:
        name: for messages.
        values: numbers.
        header: the names of the C columns; `x1` to `xC` when None.

    Raises:
        UserError: the array has another shape or type.
    """
    if values.ndim not in (1, 2, 3) or 0 in values.shape or values.dtype.kind not in "biuf":
        raise UserError(
            f"{name} holds {values.dtype} of the shape {values.shape}; numbers [rows, columns] or "
            "[series, steps, columns] belong in it"
        )
    rows = values.reshape(-1, 1 if values.ndim == 1 else values.shape[-1])
    names = header or tuple(f"x{number}" for number in range(1, rows.shape[1] + 1))
    columns = {column: rows[:, index] for index, column in enumerate(names)}
    if values.ndim < 3:
        return _one_block(name, columns)
    return _one_block(name, {**columns, GROUP: np.repeat(np.arange(len(values)), values.shape[1])}, GROUP)


def _one_block(name: str, columns: dict[str, Any], group: str | None = None) -> RawTable:
    num_rows = len(next(iter(columns.values())))
    return RawTable(name, tuple(columns), iter([(range(num_rows), columns)]), group=group)


def _load(path: Path) -> npt.NDArray[Any] | dict[str, npt.NDArray[Any]]:
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {key: loaded[key] for key in loaded.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: cannot be read as a numpy file ({error})") from error
