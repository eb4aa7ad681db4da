"""`evaluate`: figures for a trained model."""

from __future__ import annotations

from typing import Annotated

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
    from seqgan_toolkit.evaluation_table import table

    for line in table(api.evaluate(run, num=num)):
        print(line)
