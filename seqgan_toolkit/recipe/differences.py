"""What sets two recipes apart, or other plain data with names for its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqgan_toolkit.recipe.problems import Location, dotted
from seqgan_toolkit.recipe.schema import Recipe

NAMED_DIFFERENCES = 5
"""A message that names so many says enough."""
_ABSENT = "absent"
_LONGEST = 60


def differences(a: Recipe, b: Recipe) -> list[str]:
    """Compare two recipes.

    Returns:
        For every key that differs, `dotted.key: value in a, value in b`, in the order of the schema.
    """
    return different_values(a.model_dump(mode="json"), b.model_dump(mode="json"))


def different_values(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """Compare plain data, section by section; see `differences`. A section that one of them lacks is one difference."""
    return list(_differing(dict(a), dict(b), ()))


def _differing(one: Any, other: Any, location: Location) -> Iterator[str]:
    first, second = _parts(one), _parts(other)
    if first is not None and second is not None:
        for key in dict.fromkeys([*first, *second]):
            yield from _differing(first.get(key, _ABSENT), second.get(key, _ABSENT), (*location, key))
    elif _plain(one) != _plain(other):
        yield f"{dotted(location)}: {_brief(one)} and {_brief(other)}"


def _parts(value: Any) -> dict[Any, Any] | None:
    """Return what a section, or a list of sections, is made of; None for a value."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return dict(enumerate(value))
    return value if isinstance(value, dict) and value else None


def _brief(value: Any) -> str:
    shown = "a section" if _parts(value) else _plain(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"


def _plain(value: Any) -> str:
    return (
        {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
    )
