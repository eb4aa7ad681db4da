"""From the cells of a file to columns of numbers, times and names."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""Cells that count as missing, in lower case."""


class BadCellError(Exception):
    """A cell that is not what its column should hold: its offset in the block, and what is wrong with it."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(problem)
        self.offset = offset


class Column(Protocol):
    """Collects the cells of one column."""

    def extend(self, cells: Sequence[Any]) -> None:
        """Take the cells of further rows.

        Raises:
            BadCellError: one of them cannot be read.
        """
        ...


class NumberColumn:
    """Finite numbers; missing cells become NaN. It also counts the digits behind the point of what is text."""

    def __init__(self) -> None:
        self._values = array("d")
        self.decimals: int | None = 0

    def extend(self, cells: Sequence[Any]) -> None:
        """Take further cells: text, or an array of numbers."""
        if isinstance(cells, np.ndarray) and cells.dtype.kind in "biuf":
            numbers = cells.astype(np.float64)
            if cells.dtype.kind == "f":
                self.decimals = None
        else:
            numbers = np.fromiter(_numbers(cells, self._number), np.float64, len(cells))
        infinite = np.flatnonzero(np.isinf(numbers))
        if len(infinite):
            raise BadCellError(int(infinite[0]), "holds an infinite number")
        self._values.frombytes(numbers.tobytes())

    def array(self) -> npt.NDArray[np.float64]:
        """Return float64 [R]."""
        return np.frombuffer(self._values, np.float64) if len(self._values) else np.empty(0)

    def _number(self, cell: Any) -> float:
        text = "" if cell is None else str(cell).strip()
        if text.lower() in EMPTY:
            return math.nan
        try:
            number = float(text)
        except ValueError:
            comma = "; decimals follow a point, as in 1.5" if DECIMAL_COMMA.fullmatch(text) else ""
            raise ValueError(f"holds text ({_short(text)}) where a number belongs{comma}") from None
        whole, point, digits = text.partition(".")
        if point and self.decimals is not None and len(digits) > self.decimals:
            self.decimals = len(digits) if digits.isdecimal() else None
        elif not point and not whole.lstrip("+-").isdecimal():
            self.decimals = None  # 1e-5: an exponent says nothing of the digits
        return number


class TimeColumn:
    """Times as numbers: as they stand, or seconds since 1970 where they are dates."""

    def __init__(self) -> None:
        self._values = array("d")

    def extend(self, cells: Sequence[Any]) -> None:
        """Take further cells: numbers, ISO dates, or an array of either."""
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
            cells = np.where(np.isnat(cells), np.nan, cells.astype("datetime64[us]").astype(np.float64) / 1e6)
        numbers = np.fromiter(_numbers(cells, parse_time), np.float64, len(cells))
        self._values.frombytes(numbers.tobytes())

    def array(self) -> npt.NDArray[np.float64]:
        """Return float64 [R]."""
        return np.frombuffer(self._values, np.float64)


class NameColumn:
    """Names, each stored once."""

    def __init__(self) -> None:
        self._indices = array("q")
        self._known: dict[str, int] = {}

    def extend(self, cells: Sequence[Any]) -> None:
        """Take further cells; what is no text becomes text."""
        for offset, cell in enumerate(cells.tolist() if isinstance(cells, np.ndarray) else cells):
            name = "" if cell is None or cell != cell else str(cell).strip()
            if not name:
                raise BadCellError(offset, "has an empty cell")
            self._indices.append(self._known.setdefault(name, len(self._known)))

    @property
    def names(self) -> tuple[str, ...]:
        """The different names, in order of appearance."""
        return tuple(self._known)

    def array(self) -> npt.NDArray[np.int64]:
        """Return int64 [R], indices into `names`."""
        return np.frombuffer(self._indices, np.int64)


def parse_time(cell: Any) -> float:
    """Read a number, or an ISO date or date with time (UTC where it names no zone) as seconds since 1970.

    Raises:
        ValueError: it is neither.
    """
    text = "" if cell is None else str(cell).strip()
    try:
        number = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"holds {_short(text)}, which is neither a number nor a date like 2016-01-31 or 2016-01-31T17:10"
            ) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number):
        raise ValueError(f"holds {_short(text)}, which is no time")
    return number


def _numbers(cells: Sequence[Any], read: Callable[[Any], float]) -> Iterable[float]:
    for offset, cell in enumerate(cells):
        try:
            yield read(cell)
        except ValueError as error:
            raise BadCellError(offset, str(error)) from None


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
