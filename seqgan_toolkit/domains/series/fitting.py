"""Fits the form and the scales of a table on the windows that are trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.console import say
from seqgan_toolkit.domains.series.form import ColumnForm
from seqgan_toolkit.domains.series.gaps import count_gaps
from seqgan_toolkit.domains.series.layout import FrameLayout, window_range
from seqgan_toolkit.domains.series.level_layout import LevelLayout
from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.spec import Normalise
from seqgan_toolkit.domains.series.table import Floats, Numbers, Table
from seqgan_toolkit.domains.series.windows import Window
from seqgan_toolkit.errors import UserError


def fit_form(table: Table, windows: Sequence[Window]) -> ColumnForm:
    """Fit what becomes of the columns before they are scaled; only what lies in training windows is read.

    Args:
        table: rows in order.
        windows: of all splits.

    Raises:
        UserError: a column has no value in any training window.
    """
    values = table.numbers.values[_trained_on(table, windows)]
    empty = np.isnan(values).all(axis=0)
    if empty.any():
        name = table.numbers.names[int(empty.argmax())]
        raise UserError(f"{table.name}: column '{name}' has no value in the rows that are trained on: leave it out")
    return ColumnForm.of(values, table.numbers.decimals)


def formed(table: Table, form: ColumnForm) -> Table:
    """Return the table with what is scaled to frames in place of its columns."""
    numbers, kept = table.numbers, form.copies.kept
    names = tuple(numbers.names[column] for column in kept)
    decimals = tuple(numbers.decimals[column] for column in kept)
    return replace(table, numbers=Numbers(names, form.encode(numbers.values), decimals))


def fit_layout(
    table: Table, windows: Sequence[Window], normalise: Normalise, margin: Floats
) -> FrameLayout | LevelLayout:
    """Fit the layout of frames; only what lies in training windows is read.

    Args:
        table: rows in order.
        windows: of all splits.
        normalise: how values come into [-1, 1].
        margin: float64 [C], how far values may lie beyond the range of the rows, with levels.
    """
    train = [window for window in windows if window.split == "train"]
    rows = _trained_on(table, windows)
    values = table.numbers.values[rows]
    static = Scales.by_range(table.static.values[rows])
    if normalise == "levels":
        trained = [table.numbers.values[one.first : one.last] for one in train]
        layout = LevelLayout.of(trained, values, static, margin)
        if layout is not None:
            return layout
        say(f"{table.name}: every column varies within windows as much as between them, and is scaled by its range")
    scales = Scales.by_mean(values) if normalise == "z_score" else Scales.by_range(values)
    spans = None
    if normalise == "per_window":
        ranges = [window_range(table.numbers.values[one.first : one.last], scales.centre) for one in train]
        levels, halves = (np.stack(parts) for parts in zip(*ranges, strict=True))
        scales, spans = Scales.by_range(levels), Scales.by_range(halves)
    gaps = count_gaps(table)
    masked = [index for index, name in enumerate(table.numbers.names) if name in gaps]
    return FrameLayout(scales, spans, np.array(masked, np.int64), static)


def _trained_on(table: Table, windows: Sequence[Window]) -> npt.NDArray[np.bool_]:
    """Tell of each row [R] whether it lies in a training window."""
    within = np.zeros(len(table) + 1, np.int64)
    for window in windows:
        if window.split == "train":
            within[window.first] += 1
            within[window.last] -= 1
    return np.cumsum(within[:-1]) > 0
