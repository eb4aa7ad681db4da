"""The shape of the schema: which keys may stand at a location, for messages and for the reference."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from seqgan_toolkit.recipe.problems import Location, dotted

SectionClass = type[BaseModel]
CUSTOM = "custom"
"""The tag of a third party's part, whose `kind` is a dotted path and not one of a list."""


def sections_of(annotation: Any) -> dict[str, SectionClass]:
    """Return the sections that a value of this type may be, by kind (one without a kind under its class name)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {kind_of(annotation): annotation}
    if get_origin(annotation) is Annotated:
        return sections_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return {tag: section for member in get_args(annotation) for tag, section in sections_of(member).items()}
    return {}


def kind_of(section: SectionClass) -> str:
    """Return the tag by which a union chooses this section; the class name where its `kind`, if any, is a setting."""
    if "kind" not in section.model_fields:
        return section.__name__
    values = literal_values(section.model_fields["kind"].annotation)
    if len(values) > 1:
        return section.__name__
    return str(values[0]) if values else CUSTOM


def literal_values(annotation: Any) -> tuple[Any, ...]:
    """Return the values of a `Literal`, or nothing for another type."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def item_type(annotation: Any) -> Any:
    """Return the type of the items of a `tuple[X, ...]`, or None for another type."""
    if get_origin(annotation) is Annotated:
        return item_type(get_args(annotation)[0])
    arguments = get_args(annotation)
    return arguments[0] if get_origin(annotation) is tuple and arguments[1:] == (...,) else None


def plain_location(root: SectionClass, location: Location) -> tuple[Location, SectionClass | None]:
    """Take pydantic's union tags out of an error's location.

    Args:
        root: the class that was validated.
        location: the `loc` of one of pydantic's errors.

    Returns:
        The location in the recipe, and the section that holds its last key (None inside free-form values).
    """
    annotation: Any = root
    holder: SectionClass | None = root
    plain: list[str | int] = []
    for part in location:
        sections = sections_of(annotation)
        if len(sections) > 1 and part in sections:
            annotation = sections[str(part)]
            continue
        plain.append(part)
        section = next(iter(sections.values()), None)
        holder = section
        if isinstance(part, int):
            annotation = item_type(annotation)
        else:
            known = section.model_fields.get(part) if section else None
            annotation = known.annotation if known else None
    return tuple(plain), holder


def leaf_paths(root: SectionClass, prefix: Location = ()) -> Iterator[str]:
    """Yield the dotted path of every key outside lists, each once for all kinds that have it."""
    seen: set[str] = set()
    for path in _all_paths(root, prefix):
        if path not in seen:
            seen.add(path)
            yield path


def _all_paths(section: SectionClass, prefix: Location) -> Iterator[str]:
    for key, field in section.model_fields.items():
        here = (*prefix, key)
        yield dotted(here)
        for inner in sections_of(field.annotation).values():
            yield from _all_paths(inner, here)


def sections_at(root: SectionClass, location: Location) -> dict[str, SectionClass]:
    """Return the sections that may stand at a location (one without union tags), by kind."""
    annotations: list[Any] = [root]
    for part in location:
        if isinstance(part, int):
            annotations = [item_type(annotation) for annotation in annotations]
            continue
        sections = [section for annotation in annotations for section in sections_of(annotation).values()]
        annotations = [section.model_fields[part].annotation for section in sections if part in section.model_fields]
    return {tag: section for annotation in annotations for tag, section in sections_of(annotation).items()}
