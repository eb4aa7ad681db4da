"""The rows of a CSV file as JSON lines, so that a table of sentences is read as a .jsonl file is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from seqgan_toolkit.errors import UserError

FIRST_ROW = 2
"""Rows are counted from the first line, as spreadsheets show them; blank lines do not count."""
DELIMITERS = (",", ";", "\t")


def rows_as_json(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield each row but the first, which names the columns, as a JSON object of text.

    Args:
        file: text in UTF-8, split by commas, semicolons or tabs; a sentence in quotes may go over several lines.
        path: what it is called in messages.

    Raises:
        UserError: it is no CSV in UTF-8, or a row has more or fewer cells than the first one.
    """
    try:
        with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            delimiter = max(DELIMITERS, key=first.count)
            reader = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
            header = [name.strip() for name in next(reader, [])]
            for number, row in enumerate(filter(None, reader), start=FIRST_ROW):
                if len(row) != len(header):
                    raise UserError(
                        f"{path}:{number}: it has {len(row)} cells, and the first line names {len(header)} columns"
                    )
                yield json.dumps(dict(zip(header, row, strict=True))).encode()
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: it cannot be read as a CSV file in UTF-8 ({error})") from None
