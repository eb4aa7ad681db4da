"""`prepare`: raw data to sequences on disk."""

from __future__ import annotations

from seqgan_toolkit.cli.options import (
    DataRootOption,
    OutOption,
    OverridesArgument,
    RecipeArgument,
    SkipBadOption,
    all_overrides,
)


def prepare(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    out: OutOption = None,
    data_root: DataRootOption = None,
    skip_bad: SkipBadOption = False,
) -> None:
    """Turn raw data into sequences on disk, and print where they are."""
    from seqgan_toolkit import api

    print(
        api.prepare(
            recipe, overrides=all_overrides(overrides, skip_bad=skip_bad), out=out, data_root=data_root
        ).directory
    )
