"""`validate`: check recipes without running them."""

from __future__ import annotations

from typing import Annotated

import typer


def validate(
    recipes: Annotated[
        list[str],
        typer.Argument(
            metavar="RECIPE [KEY=VALUE]", help="Files or names, and changes to all of them.", show_default=False
        ),
    ],
) -> None:
    """Check every key and value of one or several recipes, with changes to them if there are any."""
    from seqgan_toolkit.errors import UserError
    from seqgan_toolkit.recipe.loading import load_recipe

    overrides = [argument for argument in recipes if "=" in argument]
    names = [argument for argument in recipes if "=" not in argument]
    if not names:
        raise UserError(f"{overrides[0]} changes a recipe, and none is named: seqgan-toolkit validate RECIPE KEY=VALUE")
    problems = []
    for name in names:
        try:
            load_recipe(name, overrides)
        except UserError as error:
            problems.append(str(error))
        else:
            print(f"{name}: in order")
    if problems:
        raise UserError("\n".join(problems))
