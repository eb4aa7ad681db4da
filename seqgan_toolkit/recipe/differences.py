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
    """Compare plain data, section by section; see `differences`."""
    first, second = dict(_leaves(dict(a))), dict(_leaves(dict(b)))
    keys = dict.fromkeys([*first, *second])
    pairs = [(key, first.get(key, _ABSENT), second.get(key, _ABSENT)) for key in keys]
    return [f"{key}: {_brief(one)} and {_brief(other)}" for key, one, other in pairs if one != other]


def _leaves(value: Any, location: Location = ()) -> Iterator[tuple[str, str]]:
    """Yield every value that is not a section, as YAML would show it."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*location, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*location, index))
    else:
        yield dotted(location), _plain(value)


def _brief(shown: str) -> str:
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"


def _plain(value: Any) -> str:
    return (
        {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
    )
