"""`cp`: a shipped recipe, to be edited."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

NAME = re.compile(r"[\w.-]+")
NAME_LINE = re.compile(r"^name: .*$", re.MULTILINE)


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
    text = source.read_text(encoding="utf-8")
    if target.stem != source.stem and NAME.fullmatch(target.stem):
        # A run directory is called like its recipe: the copy's is its own.
        text = NAME_LINE.sub(f"name: {target.stem}", text, count=1)
    target.write_text(text, encoding="utf-8")
    print(target)
