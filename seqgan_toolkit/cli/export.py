"""`export`: a trained model as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqgan_toolkit.cli.options import RunArgument


def export(
    run: RunArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to, for instance model.zip.", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="adversarial, teacher_forced …; the last one of the run by default."),
    ] = None,
) -> None:
    """Write a trained model as one file, without what only training needs."""
    from seqgan_toolkit import api

    print(api.export(run, file, model=model))
