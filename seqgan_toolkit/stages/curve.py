"""The sweep of temperature over the models of a run: `curve.json`, `curve.png` and who dominates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from seqgan_toolkit.console import say
from seqgan_toolkit.data.source import HeldOut
from seqgan_toolkit.files import write_json
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.text.curve import ENTROPIES, PLANES, VERSION, Curve, area, common_range, compare
from seqgan_toolkit.stages.curve_picture import draw
from seqgan_toolkit.stages.directory import RunDirectory

Measured = dict[str, Measurement]
Sweep = dict[str, list[Measured]]
"""For each model what was measured at each temperature."""


def write_curve(
    directory: RunDirectory,
    measure: Callable[[str, float], Measured],
    models: Sequence[str],
    temperatures: Sequence[float],
    references: Mapping[str, Measured],
    split: HeldOut = "test",
    num: int | None = None,
) -> list[dict[str, Any]]:
    """Measure models at every temperature, and write `curve.json` and `curve.png`.

    Args:
        directory: the run.
        measure: what a model (its name) is worth at a temperature.
        models: their names.
        temperatures: the sweep.
        references: what was measured of `real` data, which is drawn too.
        split: what all figures were measured against; it has its own files.
        num: names the files where those of more samples stay as they are.

    Returns:
        For each pair of metrics that was measured its areas and comparisons.
    """
    temperatures = sorted(temperatures)
    sweep: Sweep = {model: [] for model in models}
    for model in models:
        for temperature in temperatures:
            say(f"the curve of {model}: temperature {temperature:g}")
            sweep[model].append(measure(model, temperature))
    planes = [_judged(sweep, *plane) for plane in PLANES if _measured(sweep, *plane)]
    real = _plain(references["real"])
    real |= {name: real[entropy] for name, entropy in ENTROPIES.items() if entropy in real}
    points = {model: [_plain(measured) for measured in rows] for model, rows in sweep.items()}
    written = {"version": VERSION, "temperatures": temperatures, "models": points, "real": real, "planes": planes}
    write_json(directory.curve(split, num), written)
    if planes:
        draw(written, directory.curve_picture(split, num))
    return planes


def _plain(measured: Measured) -> dict[str, Any]:
    return {name: figure.as_dict() for name, figure in measured.items()}


def _measured(sweep: Sweep, quality: str, diversity: str) -> bool:
    """Tell whether some model has both metrics at every temperature."""
    return any(all(quality in row and diversity in row for row in rows) for rows in sweep.values())


def _judged(sweep: Sweep, quality: str, diversity: str) -> dict[str, Any]:
    """Return the areas under the curves of one pair of metrics, and every two curves compared."""
    points = {
        model: [(row[quality], row[diversity]) for row in rows]
        for model, rows in sweep.items()
        if all(quality in row and diversity in row for row in rows)
    }
    curves = {model: Curve.of(pairs) for model, pairs in points.items()}
    shared = common_range(list(curves.values()))
    # Where nearer to the real value is better, as for an oracle's likelihood of samples, a model comes from above.
    higher = [bool(figure.higher_is_better) for figure in next(iter(points.values()))[0]]
    sign = 1 if higher[0] else -1
    areas = {model: sign * area(curve, *shared) if shared else None for model, curve in curves.items()}
    comparisons = []
    for one, other in combinations(curves, 2):
        found = compare(curves[one], curves[other])
        if found is not None:
            winner = None if found.winner is None else (one, other)[found.winner]
            interval = [found.gap - found.half, found.gap + found.half]
            comparisons.append({"models": [one, other], "gap": found.gap, "interval": interval, "dominates": winner})
    axes = {"quality": quality, "diversity": diversity, "higher_is_better": higher}
    return {**axes, "mean_quality": areas, "comparisons": comparisons}
