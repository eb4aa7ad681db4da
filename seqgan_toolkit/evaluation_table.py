"""The figures of an evaluation, as a table to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def table(evaluation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a plain table: the split, then a metric and model a line with its interval and references."""
    if "split" in evaluation:
        yield f"against the {evaluation['split']} split"
    yield f"{'metric':<28}{'model':<16}{'value':>10}  {'95 % interval':<24}reference"
    references = evaluation.get("references", {})
    for model, metrics in evaluation["models"].items():
        for metric, measured in metrics.items():
            interval = measured.get("interval")
            between = f"{_figure(interval[0])} to {_figure(interval[1])}" if interval else ""
            known = ", ".join(f"{name} {_figure(value)}" for name, value in references.get(metric, {}).items())
            yield f"{metric:<28}{model:<16}{_figure(measured['value']):>10}  {between:<24}{known}".rstrip()
    for model, metrics in evaluation["models"].items():
        for metric, measured in metrics.items():
            if measured.get("note", "").startswith("warning: "):
                yield f"{measured['note']} ({metric}, {model})"
    for plane in evaluation.get("curve", ()):
        yield from _curve_lines(plane)


def _curve_lines(plane: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a sweep of temperature says: the mean quality of each model, and who dominates."""
    yield f"curve of {plane['quality']} against {plane['diversity']}"
    for model, value in plane["mean_quality"].items():
        yield f"{'  mean, common range':<28}{model:<16}{_figure(value):>10}".rstrip()
    for comparison in plane["comparisons"]:
        one, other = comparison["models"]
        between = " to ".join(map(_figure, comparison["interval"]))
        verdict = f"{comparison['dominates'] or 'neither'} dominates"
        yield f"  {one} less {other}, more is better: {_figure(comparison['gap'])}  {between}  {verdict}"


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) else "-"
