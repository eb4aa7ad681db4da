"""Reads CSV files, gzipped or not, in blocks of rows."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from seqgan_toolkit.domains.series.table import RawTable
from seqgan_toolkit.errors import UserError

BLOCK_ROWS = 4096
DELIMITERS = (",", ";", "\t")


def open_csv(path: Path) -> RawTable:
    """Read the first line of a file, which names the columns; the rest is read as it is asked for.

    Args:
        path: text in UTF-8, split by commas, semicolons or tabs.

    Raises:
        UserError: it cannot be read, is empty, or has no names of columns.
    """
    with _opened(path) as file:
        line = file.readline()
    if not line.strip():
        raise UserError(
            f"{path.name} has an empty first line: the names of the columns belong there, and rows below it"
        )
    delimiter = max(DELIMITERS, key=line.count)
    header = tuple(name.strip() for name in next(_rows(path, delimiter))[1])
    if all(_is_number(name) for name in header):
        raise UserError(f"{path.name}: the first line holds numbers: put the names of the columns there, one for each")
    return RawTable(path.name, header, _blocks(path, delimiter, header), "line")


def _blocks(path: Path, delimiter: str, header: tuple[str, ...]) -> Iterator[tuple[list[int], dict[str, Any]]]:
    places: list[int] = []
    block: list[list[str]] = []
    rows = _rows(path, delimiter)
    next(rows)
    for place, row in rows:
        if len(row) != len(header):
            raise UserError(
                f"{path.name}, line {place}: it has {len(row)} cells, and the first line names {len(header)} columns"
            )
        places.append(place)
        block.append(row)
        if len(block) == BLOCK_ROWS:
            yield places, dict(zip(header, zip(*block, strict=True), strict=True))
            places, block = [], []
    if block:
        yield places, dict(zip(header, zip(*block, strict=True), strict=True))


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with the number of their line."""
    with _opened(path) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for row in reader:
            if row:
                yield reader.line_num, row


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Open a file, and say so where it turns out to be no text in UTF-8 or no CSV."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            yield io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: it cannot be read as a CSV file in UTF-8 ({error})") from error


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
