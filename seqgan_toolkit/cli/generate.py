"""`generate`: files from a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def generate(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run directory, or a file that export wrote.", show_default=False)
    ],
    num: Annotated[int, typer.Option(min=1, metavar="N", help="How many.")] = 16,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed gives the same files.")] = 0,
    temperature: Annotated[
        float, typer.Option(metavar="X", help="Below 1 is more cautious, above 1 bolder; 0 takes the most likely.")
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(metavar="K", help="Draw among the K most likely tokens only.")] = None,
    top_p: Annotated[
        float, typer.Option(metavar="P", help="Draw among the fewest tokens whose probability reaches P.")
    ] = 1.0,
    beam: Annotated[
        int | None,
        typer.Option(metavar="K", help="Search for the most likely sentences with K hypotheses; nothing is drawn."),
    ] = None,
    reject: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Keep this share of what is drawn, the best by discriminator score."),
    ] = None,
    interpolate: Annotated[
        int | None,
        typer.Option(metavar="N", help="In place of --num: N on the way from one noise to another, for each label."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Audio: all clips this long, also longer than any training clip.")
    ] = None,
    again: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A samples.json: make its sample --index again (--label: as another class)."),
    ] = None,
    index: Annotated[int | None, typer.Option(metavar="N", help="Which sample of --again.")] = None,
    label: Annotated[str | None, typer.Option(metavar="NAME", help="The class (default: all in turn).")] = None,
    stitched: Annotated[
        bool, typer.Option("--stitched", help="Series: also join all windows into one, stitched.csv.")
    ] = False,
    decoder: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Audio: griffin_lim or a vocoder's run (default: as the run's recipe says)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to (default: within the run, or beside the file).")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="adversarial, teacher_forced …; the last one of the run by default."),
    ] = None,
) -> None:
    """Generate sentences, clips, images or series, and print the files."""
    from seqgan_toolkit import api

    paths = api.generate(
        run,
        num=num,
        seed=seed,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        beam=beam,
        reject=reject,
        interpolate=interpolate,
        seconds=seconds,
        again=again,
        index=index,
        label=label,
        stitched=stitched,
        decoder=decoder,
        out=out,
        model=model,
    )
    for path in paths:
        print(path)
