"""A table in memory: numbers by column, and what orders, separates and names its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RawTable:
    """A table as its file has it, block by block.

    Attributes:
        name: of the file, for messages.
        header: the names of its columns.
        blocks: for each stretch of rows their places and their cells by column.
        place: what a place counts: `line` of a text file, or `row` from 0.
        group: the column that tells series apart where the file's form says so itself.
    """

    name: str
    header: tuple[str, ...]
    blocks: Iterator[tuple[Sequence[int], dict[str, Sequence[Any]]]]
    place: str = "row"
    group: str | None = None


@dataclass(frozen=True)
class Numbers:
    """Columns of numbers.

    Attributes:
        names: of the C columns.
        values: float64 [R, C]; NaN where a cell is empty.
        decimals: the most digits behind the point of each column; None where the file does not say.
    """

    names: tuple[str, ...]
    values: Floats
    decimals: tuple[int | None, ...]


@dataclass(frozen=True)
class Names:
    """A column of names: for each row [R] an index into the different ones."""

    indices: Integers
    names: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """R rows with their roles.

    Attributes:
        name: of its file, for messages.
        numbers: what a series is made of.
        static: numbers that do not change within a series.
        time: float64 [R], or None where rows are in order as they stand.
        group: which series each row belongs to, or None for one series.
        label: the class of each row's series, or None.
        places: int64 [R], where each row stands in the file.
        place: what a place counts.
    """

    name: str
    numbers: Numbers
    static: Numbers
    time: Floats | None
    group: Names | None
    label: Names | None
    places: Integers
    place: str = field(default="row")

    def __len__(self) -> int:
        return len(self.places)

    def where(self, row: int) -> str:
        """Say where a row stands in its file."""
        return f"{self.place} {self.places[row]}"

    def take(self, order: Integers) -> Table:
        """Return the rows that `order` [R] lists."""
        return replace(
            self,
            numbers=replace(self.numbers, values=self.numbers.values[order]),
            static=replace(self.static, values=self.static.values[order]),
            time=None if self.time is None else self.time[order],
            group=None if self.group is None else replace(self.group, indices=self.group.indices[order]),
            label=None if self.label is None else replace(self.label, indices=self.label.indices[order]),
            places=self.places[order],
        )

    def series(self) -> list[tuple[int, int]]:
        """Return the first row of every series and the row behind its last one; rows of a group must be neighbours."""
        if self.group is None:
            return [(0, len(self))]
        bounds = np.flatnonzero(np.diff(self.group.indices)) + 1
        return list(zip([0, *bounds.tolist()], [*bounds.tolist(), len(self)], strict=True))

    def series_name(self, row: int) -> str:
        """Name the series of a row for a message; nothing where there is one series."""
        return "" if self.group is None else f" (series '{self.group.names[self.group.indices[row]]}')"
