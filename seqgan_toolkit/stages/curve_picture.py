"""The picture of a sweep of temperature: a panel for each pair of metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqgan_toolkit.files import atomic_path

SIZE = 5.0
"""Inches of a panel."""
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")


def draw(curve: Mapping[str, Any], path: Path) -> None:
    """Draw the planes of a curve, better upwards and to the right; see `write_curve` for what it holds."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    planes = curve["planes"]
    figure = Figure(figsize=(SIZE * len(planes), SIZE), layout="constrained")
    FigureCanvasAgg(figure)
    for place, plane in enumerate(planes, start=1):
        _draw_plane(figure.add_subplot(1, len(planes), place), curve, plane)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _draw_plane(axes: Any, curve: Mapping[str, Any], plane: Mapping[str, Any]) -> None:
    quality, diversity = plane["quality"], plane["diversity"]
    for (model, rows), colour in zip(curve["models"].items(), COLOURS * len(curve["models"]), strict=False):
        found = [
            (row[diversity], row[quality], temperature)
            for row, temperature in zip(rows, curve["temperatures"], strict=True)
            if _known(row.get(diversity)) and _known(row.get(quality))
        ]
        if found:
            _draw_model(axes, model, found, colour)
    _draw_real(axes, curve["real"], quality, diversity)
    quality_rises, diversity_rises = plane["higher_is_better"]
    axes.set_xlabel(f"{diversity}: more diverse to the right")
    axes.set_ylabel(f"{quality}: better upwards")
    if not diversity_rises:
        axes.invert_xaxis()
    if not quality_rises:
        axes.invert_yaxis()
    axes.grid(alpha=0.3)
    axes.legend()


def _draw_real(axes: Any, real: Mapping[str, Any], quality: str, diversity: str) -> None:
    """Draw real text as a star, or as a line where it has no diversity of that kind."""
    if not _known(real.get(quality)):
        return
    height = real[quality]["value"]
    if _known(real.get(diversity)):
        axes.plot(real[diversity]["value"], height, "*", color="black", markersize=14, label="real text")
    else:
        axes.axhline(height, color="black", linestyle=":", label="real text")


def _draw_model(axes: Any, model: str, found: Sequence[tuple[Any, Any, float]], colour: str) -> None:
    across, up = [point[0]["value"] for point in found], [point[1]["value"] for point in found]
    errors = {"xerr": [_half(point[0]) for point in found], "yerr": [_half(point[1]) for point in found]}
    axes.errorbar(across, up, **errors, fmt="o-", color=colour, label=model, markersize=4, capsize=2, linewidth=1.2)
    for x, y, (_, _, temperature) in zip(across, up, found, strict=True):
        axes.annotate(f"{temperature:g}", (x, y), textcoords="offset points", xytext=(5, 5), fontsize=8, color=colour)


def _known(figure: Mapping[str, Any] | None) -> bool:
    return figure is not None and figure["value"] is not None


def _half(figure: Mapping[str, Any]) -> float:
    low, high = figure["interval"] or (figure["value"], figure["value"])
    return float(high - low) / 2
