"""`generate`: files from a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqgan_toolkit.cli.options import RunArgument


def generate(
    run: RunArgument,
    num: Annotated[int, typer.Option(min=1, metavar="N", help="How many.")] = 16,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed gives the same files.")] = 0,
    temperature: Annotated[float, typer.Option(metavar="X", help="Below 1 is more cautious, above 1 bolder.")] = 1.0,
    label: Annotated[str | None, typer.Option(metavar="NAME", help="The class (default: all in turn).")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to (default: within the run).")] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="adversarial or teacher_forced; the last one of the run by default."),
    ] = None,
) -> None:
    """Generate sentences, clips or images, and print the files."""
    from seqgan_toolkit import api

    for path in api.generate(run, num=num, seed=seed, temperature=temperature, label=label, out=out, model=model):
        print(path)
