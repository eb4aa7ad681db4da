"""Arguments that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecipeArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A .yaml file, or a name from `seqgan-toolkit ls`.", show_default=False)
]
OverridesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Changes, for instance adversarial.steps=100.", show_default=False),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="The run directory (default: runs/ and the recipe's name).")
]
DataRootOption = Annotated[
    Path | None,
    typer.Option("--data-root", metavar="DIR", help="The folder of named data sets (default: $SEQGAN_DATA)."),
]
SkipBadOption = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out sound or MIDI files that cannot be used, by name (data.skip_bad=true)."),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)]


def all_overrides(given: list[str] | None, *, skip_bad: bool) -> list[str]:
    """Return the overrides of a command line, those that have an option of their own last."""
    return [*(given or ()), *(["data.skip_bad=true"] if skip_bad else [])]
