"""`validate`: check recipes without running them."""

from __future__ import annotations

from typing import Annotated

import typer


def validate(
    recipes: Annotated[list[str], typer.Argument(metavar="RECIPE", help="Files or names.", show_default=False)],
) -> None:
    """Check every key and value of one or several recipes."""
    from seqgan_toolkit.errors import UserError
    from seqgan_toolkit.recipe.loading import load_recipe

    problems = []
    for name in recipes:
        try:
            load_recipe(name)
        except UserError as error:
            problems.append(str(error))
        else:
            print(f"{name}: in order")
    if problems:
        raise UserError("\n".join(problems))
