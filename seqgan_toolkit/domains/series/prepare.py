"""From a table to a corpus of sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqgan_toolkit.console import say, track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, Split, natural_order
from seqgan_toolkit.domains.series.building import build_table
from seqgan_toolkit.domains.series.domain import SeriesDomain
from seqgan_toolkit.domains.series.fitting import fit_form, fit_layout, formed
from seqgan_toolkit.domains.series.form import ColumnForm
from seqgan_toolkit.domains.series.gaps import count_gaps, settle_gaps
from seqgan_toolkit.domains.series.level_layout import LevelLayout
from seqgan_toolkit.domains.series.ordering import put_in_order
from seqgan_toolkit.domains.series.spec import Roles, SeriesSpec
from seqgan_toolkit.domains.series.table import Integers, Names, RawTable, Table
from seqgan_toolkit.domains.series.table_file import ColumnNames
from seqgan_toolkit.domains.series.windows import Window, cut
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.labels import Factors

OUTSIDE_NOTICED = 0.01
"""From this share on, what is clipped is said on the console as well."""
ROUNDING = 1e-9
SPREAD_SEED = 20161101
"""Of what moves values within their steps: a table gives one corpus."""


def prepare_series(raw: RawTable, directory: Path, roles: Roles, spec: SeriesSpec) -> Corpus:
    """Write the series of a table as a corpus; memory holds the table once, and one window at a time.

    Args:
        raw: the file.
        directory: where the corpus goes.
        roles: which column is what.
        spec: how the table becomes sequences.

    Raises:
        UserError: the table does not hold what its roles promise, or too little of it.
    """
    table = put_in_order(build_table(raw, roles), newest_first=spec.newest_first)
    gaps = count_gaps(table)
    table = settle_gaps(table, spec.missing)
    windows = cut(table, spec)
    _check_constant(table, windows, roles.label)
    form = fit_form(table, windows)
    domain = _domain(table, windows, form, spec, roles.label)
    names = table.numbers.names
    constant = [name for name, half in zip(names, form.ranges.half, strict=True) if not half]
    if constant:
        say(f"{table.name}: constant in the training rows, and so in what is generated: {', '.join(constant)}")
    copies = {names[column]: names[other] for column, other in form.copies.pairs}
    if copies:
        listed = ", ".join(f"{name} of {other}" for name, other in copies.items())
        say(f"{table.name}: a copy in the training rows, and so in what is generated: {listed}")
    with CorpusWriter(directory, domain.space) as writer:
        outside = _write(writer, formed(table, form), windows, domain, form)
        notes = {
            "source": table.name,
            "rows": len(table),
            "series": len(table.series()),
            "empty_cells": gaps,
            "constant_columns": constant,
            "copied_columns": copies,
            "grid_steps": _coarse(table, form),
            "cut_to_max_length": _num_cut(table, spec),
            "values_outside_training_range": outside,
        }
        return writer.close(domain=domain.state(), label_names=domain.label_names, notes=notes)


def _domain(
    table: Table, windows: Sequence[Window], form: ColumnForm, spec: SeriesSpec, label: tuple[str, ...]
) -> SeriesDomain:
    numbers, static = table.numbers, table.static
    columns = ColumnNames(numbers.names, numbers.decimals, static.names, static.decimals, label)
    names = () if table.label is None else tuple(sorted(table.label.names, key=natural_order))
    return SeriesDomain(fit_layout(formed(table, form), windows, spec.normalise, form.coarse / 2), columns, names, form)


def _write(
    writer: CorpusWriter, table: Table, windows: Sequence[Window], domain: SeriesDomain, form: ColumnForm
) -> dict[Split, float]:
    """Write all windows; return for each split the share of values that lay outside [-1, 1] and were clipped."""
    index = {name: number for number, name in enumerate(domain.label_names)}
    outside: Counter[Split] = Counter()
    total: Counter[Split] = Counter()
    rng = np.random.default_rng(SPREAD_SEED)
    for one in track(windows, f"writing the windows of {table.name}", len(windows)):
        values = table.numbers.values[one.first : one.last]
        if isinstance(domain.layout, LevelLayout):
            values = form.spread(values, rng)
        frames = domain.layout.encode(values, table.static.values[one.first])
        outside[one.split] += int((np.abs(frames) > 1 + ROUNDING).sum())
        total[one.split] += frames.size
        label = None if table.label is None else index[table.label.names[table.label.indices[one.first]]]
        writer.add(one.split, frames.clip(-1, 1), label)
    shares = {split: outside[split] / total[split] for split in SPLITS if total[split]}
    noticed = [f"{share:.1%} of the {split} values" for split, share in shares.items() if share >= OUTSIDE_NOTICED]
    if noticed:
        say(
            f"{table.name}: {' and '.join(noticed)} lie outside the range of the training rows and are clipped to it, "
            "as happens to a series with a trend; data.split=random holds out windows from all times"
        )
    return shares


def _check_constant(table: Table, windows: Sequence[Window], label: tuple[str, ...]) -> None:
    """Refuse labels and static attributes that change within a sequence."""
    columns: dict[str, Any] = dict(zip(table.static.names, table.static.values.T, strict=True))
    if table.label is not None:
        columns |= _class_columns(table.label, label)
    for name, values in columns.items():
        changes = np.cumsum(np.concatenate([[0], values[1:] != values[:-1]]))
        for window in windows:
            if changes[window.first] != changes[window.last - 1]:
                row = int(np.searchsorted(changes, changes[window.first], side="right"))
                raise UserError(
                    f"{table.name}: column '{name}' changes between {table.where(row - 1)} and {table.where(row)}"
                    f"{table.series_name(row)}, within one sequence; labels and static columns hold for whole "
                    "sequences: name with data.group a column that changes wherever they do, or leave them out"
                )


def _class_columns(label: Names, columns: tuple[str, ...]) -> dict[str, Integers]:
    """Return the classes of rows, by the columns that they came from, as numbers [R]."""
    if len(columns) == 1:
        return {columns[0]: label.indices}
    factors = Factors.of(label.names)
    return {name: np.array(factors.column(number))[label.indices] for number, name in enumerate(columns)}


def _coarse(table: Table, form: ColumnForm) -> dict[str, float]:
    """Return the steps of the columns that lie on a coarser grid than their decimals alone would say."""
    found = zip(table.numbers.names, form.grid.step.tolist(), table.numbers.decimals, strict=True)
    return {name: step for name, step, decimals in found if step > 1.5 * 10.0 ** -(decimals or 0)}


def _num_cut(table: Table, spec: SeriesSpec) -> int:
    if spec.window is not None:
        return 0
    return sum(last - first > spec.max_length for first, last in table.series())
