"""Puts rows into the order of time, the rows of a series beside each other."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.console import say
from seqgan_toolkit.domains.series.table import Floats, Integers, Table
from seqgan_toolkit.errors import UserError

WIDE = 1.5
"""Times the median: a longer step in time is a gap."""


def put_in_order(table: Table, *, newest_first: bool) -> Table:
    """Return the rows by series, in the order in which the series come, and within each by time.

    Args:
        table: its rows as they stand in the file.
        newest_first: whether they stand in reverse, where no time says it.

    Raises:
        UserError: two rows of a series are of one time, or a series has one row only.
    """
    rows = np.arange(len(table))[:: -1 if newest_first else 1]
    groups = np.zeros(len(table), np.int64) if table.group is None else table.group.indices
    together = table.take(rows[np.argsort(groups[rows], kind="stable")])
    ordered = together if table.time is None else together.take(_by_time(together))
    _check_lengths(ordered)
    return ordered


def _by_time(table: Table) -> Integers:
    """Return the order of time within series [R]."""
    assert table.time is not None
    groups = np.zeros(len(table), np.int64) if table.group is None else table.group.indices
    same_series = np.diff(groups) == 0
    if (np.diff(table.time)[same_series] < 0).any():
        say(f"{table.name}: its rows are not in order of time, and are sorted")
    order = np.lexsort((table.time, groups))
    twice = np.flatnonzero((np.diff(table.time[order]) == 0) & (np.diff(groups[order]) == 0))
    if len(twice):
        first, second = sorted((int(order[twice[0]]), int(order[twice[0] + 1])), key=lambda row: int(table.places[row]))
        raise UserError(
            f"{table.name}: {table.where(first)} and {table.where(second)} are of the same time"
            f"{table.series_name(first)}; {len(twice)} such pair(s) in all: remove one of each, or name what tells "
            "their series apart with data.group"
        )
    _tell_of_gaps(table.name, np.diff(table.time[order])[np.diff(groups[order]) == 0])
    return order


def _tell_of_gaps(name: str, distances: Floats) -> None:
    """Say where rows are missing: steps count as equally far apart."""
    usual = float(np.median(distances)) if len(distances) else 0.0
    wide = distances > WIDE * usual
    if wide.any():
        say(
            f"{name}: {wide.sum()} of {len(distances)} steps in time are longer than the usual one, up to "
            f"{distances.max() / usual:.3g} times: steps count as equally far apart, so put missing rows in with empty "
            "cells (data.missing) where this matters"
        )


def _check_lengths(table: Table) -> None:
    for first, last in table.series():
        if last - first < 2:
            raise UserError(
                f"{table.name}, {table.where(first)}: a single row is all there is{table.series_name(first)}, and a "
                "series needs at least 2: remove it, or name another column with data.group"
            )
