"""A sheet of piano rolls: many tunes at a glance, on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqgan_toolkit.domains.events.notes import LOUDEST, Tune
from seqgan_toolkit.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_TUNES = 20
COLUMNS = 4
BEATS_PER_LINE = 4
"""Beats between two lines of the grid."""
SHOWN_GAP = 0.1
"""Beats by which a note is drawn shorter, so that one that is struck again is seen."""


def draw_rolls(tunes: list[Tune], path: Path, captions: Sequence[str] = ()) -> Path:
    """Draw the first tunes, a panel each: time to the right, pitch upwards, louder notes darker.

    Args:
        tunes: of any grids.
        path: of the png.
        captions: what is written above each tune beside its number; nothing where there are none.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = tunes[:SHOWN_TUNES]
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = Figure(figsize=(3.4 * columns, 1.8 * rows + 0.3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for index, (panel, tune) in enumerate(zip(axes.flat, shown, strict=False)):
        _draw_tune(panel, tune)
        panel.set_title(f"{index:04d}  {captions[index]}" if captions else f"tune {index:04d}", fontsize=8, pad=2)
    for panel in axes.flat[len(shown) :]:
        panel.axis("off")
    longest = max(1.0, *(tune.end / tune.ticks_per_beat for tune in shown))
    axes[0, 0].set_xlim(0, longest)
    axes[0, 0].set_xticks(range(0, math.ceil(longest) + 1, BEATS_PER_LINE * math.ceil(longest / 32)))
    for panel in axes[:, 0]:
        panel.set_ylabel("MIDI pitch", fontsize=8)
    for panel in axes[-1]:
        panel.set_xlabel("beats", fontsize=8)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
    return path


def _draw_tune(panel: Axes, tune: Tune) -> None:
    beat = tune.ticks_per_beat
    panel.hlines(
        [note.pitch for note in tune.notes],
        [note.onset / beat for note in tune.notes],
        [note.end / beat - SHOWN_GAP for note in tune.notes],
        colors=[(0.1, 0.2, 0.5, 0.25 + 0.75 * note.velocity / LOUDEST) for note in tune.notes],
        linewidth=2.5,
    )
    panel.grid(axis="x", linewidth=0.4, color="0.8")
    panel.tick_params(labelsize=7)
