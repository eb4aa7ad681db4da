"""`evaluate`: figures for a trained model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from seqgan_toolkit.cli.options import RunArgument


def evaluate(
    run: RunArgument,
    num: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Sequences to score (default: what the recipe says).")
    ] = None,
) -> None:
    """Measure a run's models and print the figures.

    They are written to evaluation.json in the run directory too.
    """
    from seqgan_toolkit import api

    for line in table(api.evaluate(run, num=num)):
        print(line)


def table(evaluation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a plain table: a metric and model a line, with its interval and reference values."""
    yield f"{'metric':<28}{'model':<16}{'value':>10}  {'95 % interval':<20}reference"
    references = evaluation.get("references", {})
    for model, metrics in evaluation["models"].items():
        for metric, measured in metrics.items():
            interval = measured.get("interval")
            between = f"{_figure(interval[0])} to {_figure(interval[1])}" if interval else ""
            known = ", ".join(f"{name} {_figure(value)}" for name, value in references.get(metric, {}).items())
            yield f"{metric:<28}{model:<16}{_figure(measured['value']):>10}  {between:<20}{known}".rstrip()


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) else "-"
