"""`run`: from raw data to samples."""

from __future__ import annotations

from seqgan_toolkit.cli.options import (
    DataRootOption,
    OutOption,
    OverridesArgument,
    RecipeArgument,
    SkipBadOption,
    all_overrides,
)


def run(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    out: OutOption = None,
    data_root: DataRootOption = None,
    skip_bad: SkipBadOption = False,
) -> None:
    """Prepare, train, generate and evaluate.

    What an earlier run has done is not done again, and what was cut short goes on.
    """
    from seqgan_toolkit import api

    api.run(recipe, overrides=all_overrides(overrides, skip_bad=skip_bad), out=out, data_root=data_root)
