"""`cp`: a shipped recipe, to be edited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def cp(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `seqgan-toolkit ls`.", show_default=False)],
    dest: Annotated[
        Path | None, typer.Argument(metavar="[DEST]", help="A file or folder (default: NAME.yaml here).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Copy a shipped recipe, to edit it, and print where it is."""
    from seqgan_toolkit.errors import UserError
    from seqgan_toolkit.recipe.catalogue import catalogue, catalogue_path
    from seqgan_toolkit.recipe.problems import did_you_mean

    source = catalogue_path(name)
    if source is None:
        names = [entry.name for entry in catalogue()]
        raise UserError(f"no recipe is called '{name}'.{did_you_mean(name, names)} There are: {', '.join(names)}")
    target = Path(source.name) if dest is None else dest / source.name if dest.is_dir() else dest
    if target.exists() and not force:
        raise UserError(f"{target} exists already: give another place, or --force to overwrite it")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    print(target)
