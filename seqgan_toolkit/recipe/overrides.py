"""Overrides: `dotted.key=value`, split at the first `=`, the value read as YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqgan_toolkit.recipe.problems import Location, Origin, Problem, dotted
from seqgan_toolkit.recipe.yaml_reader import Document, parse_value

Overrides = Sequence[str] | Mapping[str, Any]
"""`["adversarial.steps=100"]` as on the command line, or `{"adversarial.steps": 100}` as in Python."""


def apply_overrides(document: Document, overrides: Overrides) -> None:
    """Set values in a document, in order; what cannot be set joins the document's problems.

    Missing sections on the way are made, so that an override may bring a section that the file leaves out.
    """
    if isinstance(overrides, Mapping):
        for key, value in overrides.items():
            _apply(document, key, value, Origin(f"override '{key}={value}'"))
        return
    for text in overrides:
        origin = Origin(f"override '{text}'")
        try:
            key, value = split_override(text)
        except ValueError as error:
            document.problems.append(Problem(origin, str(error)))
        else:
            _apply(document, key, value, origin)


def split_override(text: str) -> tuple[str, Any]:
    """Split `key=value` and parse the value.

    Raises:
        ValueError: there is no `=`, no value, or the value is not YAML.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError("an override is written key=value, for instance seed=3")
    if not value.strip():
        raise ValueError("there is no value after '='; to set a key to nothing, write null")
    return key.strip(), parse_value(value.strip())


def _apply(document: Document, key: str, value: Any, origin: Origin) -> None:
    parts = key.split(".")
    try:
        if not all(parts):
            raise ValueError(f"'{key}' is not a key: write the names from the outside in, with one dot between")
        holder, location = _walk(document, parts[:-1], origin)
        last = _index(holder, parts[-1], location)
    except ValueError as error:
        document.problems.append(Problem(origin, str(error)))
        return
    holder[last] = value
    _set_origin(document, (*location, last), origin)


def _walk(document: Document, parts: Sequence[str], origin: Origin) -> tuple[Any, Location]:
    """Go down to the section that is to be changed, making those that are missing or null."""
    if document.data is None:
        document.data = {}
    holder: Any = document.data
    location: Location = ()
    for part in parts:
        index = _index(holder, part, location)
        location = (*location, index)
        if isinstance(holder, dict) and holder.get(index) is None:
            holder[index] = {}
            _set_origin(document, location, origin)
        holder = holder[index]
    return holder, location


def _index(holder: Any, part: str, location: Location) -> str | int:
    """Return what indexes `holder`: a key of a section, or a number within a list."""
    if isinstance(holder, dict):
        return part
    if not isinstance(holder, list):
        raise ValueError(f"'{dotted(location)}' is a single value and has no '{part}'")
    if part.isdecimal() and int(part) < len(holder):
        return int(part)
    numbers = "is empty" if not holder else f"has the items 0 to {len(holder) - 1}" if len(holder) > 1 else "has item 0"
    raise ValueError(f"'{dotted(location)}' is a list and {numbers}: there is no '{part}'")


def _set_origin(document: Document, location: Location, origin: Origin) -> None:
    """Note where a value now comes from, and forget the lines of what it replaced."""
    for known in [known for known in document.origins if known[: len(location)] == location]:
        del document.origins[known]
    document.origins[location] = origin
