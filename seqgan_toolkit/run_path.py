"""Tells a run directory from other paths, before anything heavy is imported."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.problems import did_you_mean

RECIPE_FILE = "recipe.yaml"


def check_run(path: Path) -> None:
    """Refuse a path that is no run directory.

    Raises:
        UserError: it is none; it says which one beside it may have been meant.
    """
    if (path / RECIPE_FILE).is_file():
        return
    if path.is_file():
        raise UserError(
            f"{path}: this is a file and no run directory; a model that 'seqgan-toolkit export' wrote can be given to "
            "'generate', and from Python to load_artefact"
        )
    beside = path.parent.glob(f"*/{RECIPE_FILE}") if path.parent.is_dir() else ()
    hint = did_you_mean(path.name, [found.parent.name for found in beside], f"{path.parent}/")
    raise UserError(f"{path}: this is not a run directory (it has no {RECIPE_FILE}){'.' + hint if hint else ''}")
