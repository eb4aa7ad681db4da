"""The recipes that come with the package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True)
class CatalogueEntry:
    """A recipe that comes with the package.

    Attributes:
        name: what it is called on the command line.
        path: its file.
        summary: the first line of its header.
    """

    name: str
    path: Path
    summary: str


def catalogue_directory() -> Path:
    """Return the folder of the recipes: inside the wheel, or beside the package in a source checkout."""
    package = Path(str(files("seqgan_toolkit")))
    installed = package / "recipes"
    return installed if installed.is_dir() else package.parent / "recipes"


def catalogue(directory: Path | None = None) -> list[CatalogueEntry]:
    """List the recipes, by name.

    Args:
        directory: where to look; the package's own recipes when None.
    """
    folder = directory or catalogue_directory()
    return [
        CatalogueEntry(path.relative_to(folder).with_suffix("").as_posix(), path, _summary(path))
        for path in sorted(folder.rglob("*.yaml"))
    ]


def catalogue_path(name: str) -> Path | None:
    """Return the file of a recipe called `NAME`, `NAME.yaml` or `recipes/NAME.yaml`, or None where there is none."""
    wanted = name.removeprefix("./").removeprefix("recipes/").removesuffix(".yaml")
    return next((entry.path for entry in catalogue() if entry.name == wanted), None)


def _summary(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        comments = (line.lstrip("# ").strip() for line in lines if line.startswith("#"))
        return next((comment for comment in comments if comment), "")
