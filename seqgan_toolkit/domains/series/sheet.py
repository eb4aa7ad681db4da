"""A sheet of series: a small panel for each column, in its own units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqgan_toolkit.domains.series.table import Floats
from seqgan_toolkit.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_SERIES = 12
SHOWN_COLUMNS = 30
COLUMNS = 5
"""The most panels beside each other."""


def draw_sheet(series: Sequence[Floats], names: Sequence[str], path: Path) -> Path:
    """Draw the first series over each other, each column in a panel of its own.

    Args:
        series: for each float64 [T, C]; gaps (NaN) are left open.
        names: of the C columns.
        path: of the png.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = min(len(names), SHOWN_COLUMNS)
    rows = math.ceil(shown / COLUMNS)
    columns = math.ceil(shown / rows)
    figure = Figure(figsize=(2.6 * columns, 1.9 * rows + 0.3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    for index, panel in enumerate(axes.flat):
        if index < shown:
            _draw_column(panel, [one[:, index] for one in series[:SHOWN_SERIES]], names[index])
        else:
            panel.axis("off")
    for panel in axes[-1]:
        panel.set_xlabel("step", fontsize=7)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
    return path


def _draw_column(panel: Axes, lines: Sequence[Floats], name: str) -> None:
    for line in lines:
        # A series of a single step, or a value between two gaps, has no line: the marker shows it.
        panel.plot(line, linewidth=0.9, alpha=0.8, marker=".", markersize=2)
    # A name is no formula, whatever signs it holds.
    panel.set_title(name, fontsize=8, pad=2, parse_math=False)
    panel.tick_params(labelsize=6)
