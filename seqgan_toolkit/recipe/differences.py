"""What sets two recipes apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqgan_toolkit.recipe.problems import Location, dotted
from seqgan_toolkit.recipe.schema import Recipe

_ABSENT = "absent"


def differences(a: Recipe, b: Recipe) -> list[str]:
    """Compare two recipes.

    Returns:
        For every key that differs, `dotted.key: value in a, value in b`, in the order of the schema.
    """
    first, second = dict(_leaves(a.model_dump(mode="json"))), dict(_leaves(b.model_dump(mode="json")))
    keys = dict.fromkeys([*first, *second])
    return [
        f"{key}: {first.get(key, _ABSENT)} and {second.get(key, _ABSENT)}"
        for key in keys
        if first.get(key, _ABSENT) != second.get(key, _ABSENT)
    ]


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


def _plain(value: Any) -> str:
    return (
        {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
    )
