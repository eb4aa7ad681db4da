"""`show`: a recipe with every value spelled out, or what the recipe of a run sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqgan_toolkit.cli.options import OverridesArgument
from seqgan_toolkit.run_path import RECIPE_FILE


def show(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="A .yaml file, a name from `seqgan-toolkit ls`, or a run directory.",
            show_default=False,
        ),
    ],
    overrides: OverridesArgument = None,
    whole: Annotated[bool, typer.Option("--recipe", help="Of a run directory: defaults too.")] = False,
) -> None:
    """Print a recipe with all defaults and changes filled in; of a run directory, what is not a default."""
    from seqgan_toolkit.recipe.loading import dump_recipe, load_recipe

    inside = Path(recipe) / RECIPE_FILE
    if not inside.is_file():
        print(dump_recipe(load_recipe(recipe, overrides or ())), end="")
        return
    if not whole:
        print(f"# {recipe}: what its recipe sets; defaults too with --recipe")
    print(dump_recipe(load_recipe(inside, overrides or ()), defaults=whole), end="")
