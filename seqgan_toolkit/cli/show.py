"""`show`: a recipe with every value spelled out."""

from __future__ import annotations

from seqgan_toolkit.cli.options import OverridesArgument, RecipeArgument


def show(recipe: RecipeArgument, overrides: OverridesArgument = None) -> None:
    """Print a recipe with all defaults and changes filled in."""
    from seqgan_toolkit.recipe.loading import dump_recipe, load_recipe

    print(dump_recipe(load_recipe(recipe, overrides or ())), end="")
