"""From a raw table and the roles of its columns to a table."""

from __future__ import annotations

import shlex
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from seqgan_toolkit.console import track
from seqgan_toolkit.domains.series.columns import BadCellError, Column, NameColumn, NumberColumn, TimeColumn
from seqgan_toolkit.domains.series.spec import Roles
from seqgan_toolkit.domains.series.table import Names, Numbers, RawTable, Table
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.labels import name_of
from seqgan_toolkit.recipe.problems import did_you_mean


def build_table(raw: RawTable, roles: Roles) -> Table:
    """Read the columns that have a role, in memory that holds them once.

    Args:
        raw: the file.
        roles: which column is what.

    Raises:
        UserError: a column is missing or holds what it should not.
    """
    roles = replace(roles, group=roles.group or raw.group)
    _check_header(raw)
    chosen = _chosen(raw, roles)
    columns: dict[str, Column] = {
        **{name: NumberColumn() for name in (*chosen, *roles.static)},
        **({roles.time: TimeColumn()} if roles.time else {}),
        **{name: NameColumn() for name in (roles.group, *roles.label) if name},
    }
    places = array("q")
    for block_places, cells in track(raw.blocks, f"reading {raw.name} (blocks of rows)"):
        for name, column in columns.items():
            try:
                column.extend(cells[name])
            except BadCellError as error:
                place = f"{raw.place} {block_places[error.offset]}"
                bad = [other for other in chosen if other == name or not _are_numbers(cells[other])]
                raise UserError(f"{raw.name}, {place}: column '{name}' {error}{_advice(name, bad, chosen)}") from None
        places.extend(block_places)
    if len(places) < 2:
        raise UserError(f"{raw.name} has {len(places)} row(s) of data, and a series needs at least 2")
    time = columns[roles.time] if roles.time else None
    assert time is None or isinstance(time, TimeColumn)
    return Table(
        name=raw.name,
        numbers=_numbers(chosen, columns, len(places)),
        static=_numbers(roles.static, columns, len(places)),
        time=None if time is None else time.array(),
        group=_names(roles.group, columns) if roles.group else None,
        label=_joint_names(roles.label, columns) if roles.label else None,
        places=np.frombuffer(places, np.int64),
        place=raw.place,
    )


def _are_numbers(cells: Sequence[Any]) -> bool:
    try:
        NumberColumn().extend(cells)
    except BadCellError:
        return False
    return True


def _advice(name: str, bad: Sequence[str], chosen: tuple[str, ...]) -> str:
    """Say how to mend a column, and all others that hold what is no number, so that they are not met one by one."""
    if name not in chosen:
        return ""
    others = [other for other in bad if other != name]
    also = f" ({' and '.join(map(repr, others))} too)" if others else ""
    good = ", ".join(column for column in chosen if column not in bad)
    left_out = f"leave out what is no number with {shlex.quote(f'data.columns=[{good}]')}, " if good else ""
    return f"{also}; mend the cells, {left_out}or say what the column is with data.time, data.group or data.label"


def _check_header(raw: RawTable) -> None:
    for number, name in enumerate(raw.header, start=1):
        if not name:
            raise UserError(
                f"{raw.name}: column {number} has no name in the first line; name it, or leave it out when you write "
                "the file (pandas: to_csv(..., index=False))"
            )
        if raw.header.index(name) != number - 1:
            raise UserError(f"{raw.name}: two columns are called '{name}': give each a name of its own")


def _chosen(raw: RawTable, roles: Roles) -> tuple[str, ...]:
    others = [name for name in (roles.time, roles.group, *roles.label, *roles.static) if name]
    for name in (*(roles.columns or ()), *others):
        if name not in raw.header:
            hint = did_you_mean(name, list(raw.header))
            raise UserError(f"{raw.name} has no column '{name}'.{hint} It has: {', '.join(raw.header)}")
    chosen = roles.columns or tuple(name for name in raw.header if name not in others)
    if not chosen:
        raise UserError(f"{raw.name}: every column has another role, so that none is left to make series of")
    return chosen


def _numbers(names: tuple[str, ...], columns: dict[str, Column], num_rows: int) -> Numbers:
    found = [column for name in names if isinstance(column := columns[name], NumberColumn)]
    values = np.empty((num_rows, len(found)))
    for index, column in enumerate(found):
        values[:, index] = column.array()
    return Numbers(names, values, tuple(column.decimals for column in found))


def _names(name: str, columns: dict[str, Column]) -> Names:
    column = columns[name]
    assert isinstance(column, NameColumn)
    return Names(column.array(), column.names)


def _joint_names(names: tuple[str, ...], columns: dict[str, Column]) -> Names:
    """Return the classes of rows: the names of one column, or those of several as factors of one label."""
    parts = [_names(name, columns) for name in names]
    if len(parts) == 1:
        return parts[0]
    found, indices = np.unique(np.stack([part.indices for part in parts], axis=1), axis=0, return_inverse=True)
    spelled = [[part.names[value] for part, value in zip(parts, row, strict=True)] for row in found]
    return Names(indices, tuple(name_of(dict(zip(names, values, strict=True))) for values in spelled))
