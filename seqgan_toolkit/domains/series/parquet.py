"""Reads Parquet files, through pyarrow, which is an extra."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqgan_toolkit.domains.series.table import RawTable
from seqgan_toolkit.errors import MissingExtraError, UserError


def open_parquet(path: Path) -> RawTable:
    """Open a file; its row groups are read as they are asked for.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UserError: it is no Parquet file.
    """
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingExtraError("pyarrow") from None
    try:
        file = ParquetFile(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a Parquet file ({error})") from error
    return RawTable(path.name, tuple(file.schema_arrow.names), _blocks(file))


def _blocks(file: Any) -> Iterator[tuple[range, dict[str, Any]]]:
    first = 0
    for batch in file.iter_batches():
        columns = zip(batch.schema.names, batch.columns, strict=True)
        yield (
            range(first, first + len(batch)),
            {name: column.to_numpy(zero_copy_only=False) for name, column in columns},
        )
        first += len(batch)
