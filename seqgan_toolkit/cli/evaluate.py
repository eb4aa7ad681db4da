"""`evaluate`: figures for a trained model."""

from __future__ import annotations

from typing import Annotated

import typer

from seqgan_toolkit.cli.options import RunArgument
from seqgan_toolkit.data.source import HeldOut


def evaluate(
    run: RunArgument,
    num: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Sequences to score (default: what the recipe says).")
    ] = None,
    curve: Annotated[
        bool | None, typer.Option("--curve/--no-curve", help="Text: sweep the temperature; curve.json and curve.png.")
    ] = None,
    language_model: Annotated[
        bool | None,
        typer.Option("--language-model/--no-language-model", help="Text: train language models to measure with."),
    ] = None,
    split: Annotated[
        HeldOut,
        typer.Option(help="What to measure against; valid leaves the test split unread, to choose settings."),
    ] = "test",
    train_on_synthetic: Annotated[
        bool | None,
        typer.Option(
            "--train-on-synthetic/--no-train-on-synthetic",
            help="Frames: train networks on generated sequences and test them on real ones.",
        ),
    ] = None,
) -> None:
    """Measure a run's models and print the figures.

    They are written to evaluation.json in the run directory too, with --split valid to evaluation-valid.json. Where
    there are figures of more samples than --num asks for, those stay, and the new ones go to evaluation-N.json.
    """
    from seqgan_toolkit import api
    from seqgan_toolkit.evaluation_table import table

    evaluation = api.evaluate(
        run,
        num=num,
        curve=curve,
        language_model=language_model,
        train_on_synthetic=train_on_synthetic,
        split=split,
    )
    for line in table(evaluation):
        print(line)
