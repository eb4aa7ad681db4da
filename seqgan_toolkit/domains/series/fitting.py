"""Fits the scales of a table on the windows that are trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqgan_toolkit.domains.series.gaps import count_gaps
from seqgan_toolkit.domains.series.layout import FrameLayout, window_range
from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.spec import Normalise
from seqgan_toolkit.domains.series.table import Table
from seqgan_toolkit.domains.series.windows import Window
from seqgan_toolkit.errors import UserError


def fit_layout(table: Table, windows: Sequence[Window], normalise: Normalise) -> FrameLayout:
    """Fit the layout of frames; only what lies in training windows is read.

    Args:
        table: rows in order.
        windows: of all splits.
        normalise: how values come into [-1, 1].

    Raises:
        UserError: a column has no value in any training window.
    """
    train = [window for window in windows if window.split == "train"]
    within = np.zeros(len(table) + 1, np.int64)
    for window in train:
        within[window.first] += 1
        within[window.last] -= 1
    rows = np.cumsum(within[:-1]) > 0
    values = table.numbers.values[rows]
    empty = np.isnan(values).all(axis=0)
    if empty.any():
        name = table.numbers.names[int(empty.argmax())]
        raise UserError(f"{table.name}: column '{name}' has no value in the rows that are trained on: leave it out")
    scales = Scales.by_mean(values) if normalise == "z_score" else Scales.by_range(values)
    spans = None
    if normalise == "per_window":
        ranges = [window_range(table.numbers.values[one.first : one.last], scales.centre) for one in train]
        levels, halves = (np.stack(parts) for parts in zip(*ranges, strict=True))
        scales, spans = Scales.by_range(levels), Scales.by_range(halves)
    gaps = count_gaps(table)
    masked = [index for index, name in enumerate(table.numbers.names) if name in gaps]
    static = Scales.by_range(table.static.values[rows])
    return FrameLayout(scales, spans, np.array(masked, np.int64), static)
