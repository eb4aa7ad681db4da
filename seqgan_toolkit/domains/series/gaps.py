"""What becomes of empty cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqgan_toolkit.console import say
from seqgan_toolkit.domains.series.spec import Missing
from seqgan_toolkit.domains.series.table import Floats, Table
from seqgan_toolkit.errors import UserError


def count_gaps(table: Table) -> dict[str, int]:
    """Return for each column that has some how many of its cells are empty."""
    counts = np.isnan(table.numbers.values).sum(axis=0).tolist()
    return {name: count for name, count in zip(table.numbers.names, counts, strict=True) if count}


def settle_gaps(table: Table, how: Missing) -> Table:
    """Return the table with gaps filled, or as it is where they are to be masked.

    Args:
        table: rows in order.
        how: `error` refuses gaps, `interpolate` draws a line over them within a series (beyond its first and last
            value it stays level), `mask` keeps them.

    Raises:
        UserError: there are gaps that cannot be kept or filled.
    """
    _check_static(table)
    gaps = count_gaps(table)
    if not gaps or how == "mask":
        return table
    if how == "error":
        name = next(iter(gaps))
        row = int(np.flatnonzero(np.isnan(table.numbers.values[:, table.numbers.names.index(name)]))[0])
        raise UserError(
            f"{table.name}, {table.where(row)}: column '{name}' has an empty cell ({sum(gaps.values())} in the table); "
            "set data.missing=interpolate to draw a line over gaps, or data.missing=mask to have them learnt as gaps"
        )
    say(f"{table.name}: {sum(gaps.values())} empty cells are filled by a line between their neighbours in time")
    values = table.numbers.values.copy()
    for first, last in table.series():
        time = np.arange(last - first, dtype=np.float64) if table.time is None else table.time[first:last]
        for column in range(values.shape[1]):
            _interpolate(values[first:last, column], time, table, first, table.numbers.names[column])
    return replace(table, numbers=replace(table.numbers, values=values))


def _interpolate(values: Floats, time: Floats, table: Table, first: int, name: str) -> None:
    known = ~np.isnan(values)
    if not known.any():
        raise UserError(
            f"{table.name}: column '{name}' is empty from {table.where(first)} to the end of the series"
            f"{table.series_name(first)}, so that there is nothing to interpolate: leave the column or the series out, "
            "or set data.missing=mask"
        )
    values[~known] = np.interp(time[~known], time[known], values[known])


def _check_static(table: Table) -> None:
    empty = np.argwhere(np.isnan(table.static.values))
    if len(empty):
        row, column = empty[0].tolist()
        raise UserError(
            f"{table.name}, {table.where(row)}: the static column '{table.static.names[column]}' has an empty cell: "
            "fill it, or leave the column out of data.static"
        )
