"""Write docs/recipes.md, the reference of every key of a recipe, from the schema.

python docs/build_recipe_reference.py           write it
python docs/build_recipe_reference.py --check   exit 1 where it is not up to date
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from seqgan_toolkit.recipe.explain import describe
from seqgan_toolkit.recipe.schema import Recipe, Section
from seqgan_toolkit.recipe.structure import (
    CUSTOM,
    SectionClass,
    item_type,
    kind_of,
    literal_values,
    sections_of,
)

TARGET = Path(__file__).with_name("recipes.md")
HEAD = """\
# Recipes

A recipe is a YAML file that describes a whole experiment. Any key can be changed on the command line:
`seqgan-toolkit run text_lstm seed=3 adversarial.steps=500 discriminator.encoders.0.hidden_dim=64`; `null` takes an
optional section away. Numbers follow YAML 1.2 (`1e-4` is a number, `yes` is text). `seqgan-toolkit validate` reports
every mistake with its line, and `seqgan-toolkit show` prints a recipe with all defaults filled in.

This page is written by `python docs/build_recipe_reference.py` from `seqgan_toolkit/recipe/schema/`.
"""
NAMES = {int: "whole number", float: "number", str: "text", bool: "true or false"}
BOUNDS = {
    annotated_types.Ge: ("ge", "at least"),
    annotated_types.Gt: ("gt", "greater than"),
    annotated_types.Le: ("le", "at most"),
    annotated_types.Lt: ("lt", "less than"),
}


def reference() -> str:
    """Return the whole page."""
    return HEAD + "".join(_section("The recipe itself", "", Recipe)) + "".join(_below(Recipe, ""))


def _below(section: SectionClass, prefix: str) -> Iterator[str]:
    for key, field in section.model_fields.items():
        listed = item_type(field.annotation)
        path = f"{prefix}{key}" if listed is None else f"{prefix}{key}.N"
        inner = sections_of(listed if listed is not None else field.annotation)
        for kind, one in inner.items():
            chosen = "a third party's" if kind == CUSTOM else f"kind `{kind}`"
            yield from _section(f"`{path}`, {chosen}" if kind != one.__name__ else f"`{path}`", path, one)
            yield from _below(one, f"{path}.")


def _section(title: str, path: str, section: SectionClass) -> Iterator[str]:
    yield f"\n## {title}\n\n{inspect.getdoc(section)}\n\n"
    yield "| key | value | default | meaning |\n|---|---|---|---|\n"
    for key, field in section.model_fields.items():
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        yield f"| `{key}` | {_value(field, section)} | {_default(field)} | {meaning} |\n"


def _value(field: FieldInfo, section: SectionClass) -> str:
    if field.annotation is str and any(getattr(rule, "pattern", None) for rule in field.metadata):
        return "`package.module:Class`" if kind_of(section) == CUSTOM else "text"
    return _type(field.annotation) + _bounds(field.metadata)


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Annotated and not sections_of(annotation):
        inner, *metadata = get_args(annotation)
        rules = [rule for item in metadata for rule in getattr(item, "metadata", [item])]
        return _type(inner) + _bounds(rules)
    if literal_values(annotation):
        return " \\| ".join(f"`{value}`" for value in literal_values(annotation))
    if get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation):
        rest = [member for member in get_args(annotation) if member is not type(None)]
        return f"{' or '.join(_type(member) for member in rest)}, or `null`"
    if sections_of(annotation):
        return "section"
    if get_origin(annotation) is tuple:
        repeated = item_type(annotation)
        return f"list of: {_type(repeated)}" if repeated else f"list of {len(get_args(annotation))} numbers"
    return NAMES.get(annotation, "any keys and values")


def _bounds(rules: list[Any]) -> str:
    said = []
    for rule in rules:
        for kind, (attribute, words) in BOUNDS.items():
            if isinstance(rule, kind):
                said.append(f"{words} {getattr(rule, attribute)}")
        if isinstance(rule, annotated_types.MinLen):
            said.append(f"at least {rule.min_length} item(s)")
    return f" ({', '.join(said)})" if said else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if isinstance(value, Section):
        given = [f"{key}: {describe(getattr(value, key))}" for key in sorted(value.model_fields_set)]
        return f"`{{{', '.join(given)}}}`" if given else "its defaults"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(item) for item in value)}]`"
    return f"`{value}`" if isinstance(value, str) else "`{}`" if value == {} else f"`{describe(value)}`"


def main() -> int:
    """Write the page, or check that it is up to date."""
    if "--check" in sys.argv[1:]:
        return int(not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != reference())
    TARGET.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
