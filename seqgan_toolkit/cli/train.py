"""`train`: a corpus to a trained model."""

from __future__ import annotations

from seqgan_toolkit.cli.options import (
    DataRootOption,
    OutOption,
    OverridesArgument,
    RecipeArgument,
    SkipBadOption,
    all_overrides,
)


def train(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    out: OutOption = None,
    data_root: DataRootOption = None,
    skip_bad: SkipBadOption = False,
) -> None:
    """Prepare where needed, train, and print the run directory.

    It goes on where an earlier run stopped.
    """
    from seqgan_toolkit import api

    print(
        api.train(recipe, overrides=all_overrides(overrides, skip_bad=skip_bad), out=out, data_root=data_root).directory
    )
