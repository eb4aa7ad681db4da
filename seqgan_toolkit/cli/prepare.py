"""`prepare`: raw data to sequences on disk."""

from __future__ import annotations

from seqgan_toolkit.cli.options import DataRootOption, OutOption, OverridesArgument, RecipeArgument


def prepare(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    out: OutOption = None,
    data_root: DataRootOption = None,
) -> None:
    """Turn raw data into sequences on disk, and print where they are."""
    from seqgan_toolkit import api

    print(api.prepare(recipe, overrides=overrides or (), out=out, data_root=data_root).directory)
