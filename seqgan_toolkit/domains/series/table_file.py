"""Writes series as a CSV file, each column with its own name and number of decimals."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqgan_toolkit.domains.series.table import Floats
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.labels import Factors

SIGNIFICANT = 7
"""Digits of a number where the file of the data does not say how many it had: what a float32 carries."""


@dataclass(frozen=True)
class ColumnNames:
    """The columns of a table, as its file has them.

    Attributes:
        values: the names of the columns that a series is made of.
        decimals: for each its digits behind the point, or None.
        static: the names of the columns that do not change within a series.
        static_decimals: the same for them.
        label: the names of the columns of classes; several are factors of one label.
    """

    values: tuple[str, ...]
    decimals: tuple[int | None, ...]
    static: tuple[str, ...] = ()
    static_decimals: tuple[int | None, ...] = ()
    label: tuple[str, ...] = ()

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON)."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the names that `state` described."""
        return cls(**{key: tuple(names) for key, names in state.items()})

    def without_static(self) -> Self:
        """Return the other columns."""
        return replace(self, static=(), static_decimals=())


def write_series(path: Path, columns: ColumnNames, series: Sequence[tuple[Floats, Floats, str | None]]) -> None:
    """Write a row for each step: number of the series, step, label, static attributes, values.

    Args:
        path: of the file.
        columns: how they are called and printed.
        series: for each its values [T, C], its static attributes [S] and its label.
    """
    named = (*columns.label, *columns.static, *columns.values)
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_unused("series", named), _unused("step", named), *named])
        for number, (values, static, name) in enumerate(series):
            constant = [*_classes(name, columns), *map(_print, static, columns.static_decimals)]
            for step, row in enumerate(values):
                writer.writerow([number, step, *constant, *map(_print, row, columns.decimals)])


def _classes(label: str | None, columns: ColumnNames) -> list[str]:
    """Return the cells of a label: its name, or the value of each of its factors."""
    if label is None or len(columns.label) < 2:
        return [] if label is None else [label]
    return [values[0] for values in Factors.of([label]).values]


def _unused(name: str, taken: Sequence[str]) -> str:
    return _unused(f"{name}_", taken) if name in taken else name


def _print(number: float, decimals: int | None) -> str:
    if np.isnan(number):
        return ""
    if decimals is None:
        return f"{number:.{SIGNIFICANT}g}"
    # Adding 0 makes -0.0 a plain 0.
    return f"{round(float(number), decimals) + 0.0:.{decimals}f}"
