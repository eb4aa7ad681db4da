"""Lines of text files, one at a time: plain, gzipped, or JSON and tables with a named field."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from seqgan_toolkit.domains.text.csv_lines import FIRST_ROW, rows_as_json
from seqgan_toolkit.errors import UserError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 2**26
"""Bytes. A longer line is no sentence, and would have to be held in memory whole."""


class LineReader:
    """Turns the lines of one file into sentences and labels."""

    def __init__(self, path: Path, field: str = "text", label_field: str | None = None) -> None:
        """Say what is to be read.

        Args:
            path: a text file; `.gz` is unpacked, `.jsonl` before it or alone means one JSON object a line, and `.csv`
                or `.tsv` rows under a line of names.
            field: the field of a JSON object, or the column, that holds the sentence.
            label_field: that which holds the label, or None.
        """
        self.path = path
        self.field = field
        self.label_field = label_field
        self.is_table = any(suffix in (".csv", ".tsv") for suffix in path.suffixes[-2:])
        self.is_json = self.is_table or any(suffix in (".jsonl", ".ndjson") for suffix in path.suffixes[-2:])
        self.first = FIRST_ROW if self.is_table else 1

    def lines(self) -> Iterator[bytes]:
        """Yield the raw lines, ends included, with bounded memory; the rows of a table as JSON.

        Raises:
            UserError: the file is not there, cannot be unpacked, or has a line of over 64 MiB.
        """
        with _opened(self.path) as file:
            if self.is_table:
                yield from rows_as_json(file, self.path)
                return
            for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), start=1):
                if len(line) == LONGEST_LINE:
                    raise UserError(
                        f"{self.path}:{number}: a line of over {LONGEST_LINE >> 20} MiB: "
                        "the file must hold one sentence a line"
                    )
                yield line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line

    def parse(self, line: bytes, number: int) -> tuple[str, str | None]:
        """Return the sentence of a line, stripped, and its label.

        Raises:
            UserError: bytes that are not UTF-8, a line that is not JSON, or a field that is not there.
        """
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise UserError(
                f"{self.path}:{number}: byte 0x{line[error.start]:02x} at position {error.start + 1} of the line "
                "is not UTF-8: convert the file to UTF-8 (for instance with: iconv -f latin1 -t utf-8)"
            ) from None
        return self._parse_json(text, number) if text and self.is_json else (text, None)

    def _parse_json(self, text: str, number: int) -> tuple[str, str | None]:
        try:
            value = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{self.path}:{number}: not JSON: {error}: a .jsonl file has one object a line") from None
        if not isinstance(value, dict):
            raise UserError(f"{self.path}:{number}: found a JSON {_json_kind(value)}, expected an object with fields")
        sentence = self._get(value, self.field, number)
        if not isinstance(sentence, str):
            raise UserError(
                f"{self.path}:{number}: field '{self.field}' holds a {_json_kind(sentence)}, expected a string"
            )
        label = None if self.label_field is None else self._get(value, self.label_field, number)
        if isinstance(label, dict | list):
            raise UserError(
                f"{self.path}:{number}: label field '{self.label_field}' holds a {_json_kind(label)}, "
                "expected a string or a number"
            )
        return sentence.strip(), None if self.label_field is None else str(label)

    def _get(self, value: dict[str, Any], field: str, number: int) -> Any:
        if field in value:
            return value[field]
        nearest = get_close_matches(field, value, n=1)
        hint = f" Did you mean '{nearest[0]}'?" if nearest else ""
        found = ", ".join(f"'{name}'" for name in value) or "none"
        key = "data.field" if field == self.field else "data.label_field"
        raise UserError(f"{self.path}:{number}: no field '{field}' ({key}); fields found: {found}.{hint}")


def labelled_lines(text: LineReader, labels: LineReader | None) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield the raw lines of a text, each with the same line of a label file, or with None where there is none.

    Raises:
        UserError: one of the two has more lines.
    """
    if labels is None:
        yield from ((line, None) for line in text.lines())
        return
    num_lines = num_labels = 0
    for line, label in zip_longest(text.lines(), labels.lines()):
        num_lines += line is not None
        num_labels += label is not None
        if line is not None and label is not None:
            yield line, label
    if num_lines != num_labels:
        raise UserError(
            f"{labels.path}: it has {num_labels} lines and {text.path} has {num_lines}: there must be one label for "
            "each line"
        )


def _json_kind(value: object) -> str:
    kinds = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for its bytes, and say in one line what is wrong with it."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads as a binary file does
        else:
            with open(path, "rb") as file:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{path}: not a whole gzip file: {error}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
