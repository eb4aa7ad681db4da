"""From a name or a file to a `Recipe`, with every mistake reported at once and in its place."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.catalogue import catalogue, catalogue_path
from seqgan_toolkit.recipe.explain import describe, explain
from seqgan_toolkit.recipe.overrides import Overrides, apply_overrides
from seqgan_toolkit.recipe.problems import did_you_mean, raise_problems
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.recipe.yaml_reader import read_yaml, write_yaml

_MOST_CANDIDATES = 8


def load_recipe(path_or_name: str | Path, overrides: Overrides = ()) -> Recipe:
    """Load a recipe.

    Args:
        path_or_name: a file, or the name of a recipe that comes with the package.
        overrides: `["dotted.key=value", …]`, or a mapping from dotted keys to values.

    Raises:
        UserError: with every problem, each on a line with file and line number.
    """
    path = find_recipe(path_or_name)
    return parse_recipe(read_recipe_text(path), _shown(path), overrides)


def parse_recipe(text: str, name: str, overrides: Overrides = ()) -> Recipe:
    """Read a recipe from YAML.

    Args:
        text: the YAML.
        name: what messages call it, usually its path.
        overrides: as in `load_recipe`.

    Raises:
        UserError: with every problem, each on a line with file and line number.
    """
    document = read_yaml(text, name)
    if document.data is None and not document.problems:
        raise UserError(f"{name}: the recipe is empty")
    if not isinstance(document.data, dict):
        raise UserError(f"{name}: a recipe is made of 'key: value' lines, and this is {describe(document.data)}")
    apply_overrides(document, overrides)
    try:
        recipe = Recipe.model_validate(document.data)
    except ValidationError as error:
        raise_problems([*document.problems, *explain(error, Recipe, document.origins)])
        raise  # a failed validation has at least one problem
    raise_problems(document.problems)
    return recipe


def override_recipe(recipe: Recipe, overrides: Overrides) -> Recipe:
    """Return a recipe with some values changed.

    Raises:
        UserError: the result is not a recipe.
    """
    return parse_recipe(dump_recipe(recipe), f"recipe '{recipe.name}'", overrides) if overrides else recipe


def dump_recipe(recipe: Recipe, *, defaults: bool = True) -> str:
    """Write a recipe as YAML with every value spelled out, or those that are no defaults; it loads back equal."""
    return write_yaml(recipe.model_dump(mode="json", exclude_defaults=not defaults))


def find_recipe(path_or_name: str | Path) -> Path:
    """Find the file of a recipe: a file of that name, or else one that comes with the package.

    Raises:
        UserError: there is none; with the recipes nearby and the nearest name in the catalogue.
    """
    path = Path(path_or_name)
    if path.is_file():
        return path
    if path.is_dir() and catalogue_path(str(path_or_name)) is None:
        inside = path / "recipe.yaml"
        hint = f"; did you mean '{inside}'?" if inside.is_file() else ""
        raise UserError(f"{path}: this is a directory, and a recipe is a .yaml file{hint}")
    shipped = catalogue_path(str(path_or_name))
    if shipped is None:
        raise UserError(f"{path}: there is no such recipe.{_candidates(path)}")
    return shipped


def read_recipe_text(path: Path) -> str:
    """Read the text of a recipe.

    Raises:
        UserError: the file cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{_shown(path)}: cannot be read ({error.strerror})") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{_shown(path)}:{line}: the file is not UTF-8 text") from None


def _candidates(path: Path) -> str:
    names = [entry.name for entry in catalogue()]
    nearby = sorted(str(file) for pattern in ("*.yaml", "*.yml") for file in path.parent.glob(pattern))
    hint = did_you_mean(path.stem, {*names, *nearby, *(Path(file).stem for file in nearby)})
    here = f" Recipes in {path.parent}/: {', '.join(nearby[:_MOST_CANDIDATES])}." if nearby else ""
    shipped = f" Recipes that come with seqgan-toolkit: {', '.join(names)}." if names else ""
    return hint + here + shipped


def _shown(path: Path) -> str:
    """Return the path as messages show it: relative where it lies below the working directory."""
    working = Path.cwd()
    return str(path.relative_to(working) if path.is_absolute() and path.is_relative_to(working) else path)
