"""Pydantic's errors, as problems with a place and in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from seqgan_toolkit.recipe.problems import Location, Origin, Problem, did_you_mean, dotted
from seqgan_toolkit.recipe.structure import (
    CUSTOM,
    SectionClass,
    kind_of,
    leaf_paths,
    literal_values,
    plain_location,
    sections_at,
)

_EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "a section of keys",
    "model_attributes_type": "a section of keys",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}

_MOST_NEAR = 3
"""Keys that may be meant by one; more would be a guess."""


def explain(error: ValidationError, root: SectionClass, origins: Mapping[Location, Origin]) -> list[Problem]:
    """Turn a failed validation into problems.

    Args:
        error: what pydantic raised.
        root: the class that was validated.
        origins: where every value was written.
    """
    return [_Explanation(details, root, origins).problem() for details in error.errors(include_url=False)]


class _Explanation:
    """One of pydantic's errors, read against the schema and the text of the recipe."""

    def __init__(self, details: ErrorDetails, root: SectionClass, origins: Mapping[Location, Origin]) -> None:
        self._type = details["type"]
        self._details = details
        self._context: Mapping[str, Any] = details.get("ctx", {})
        self._root = root
        self._origins = origins
        self._location, self._holder = plain_location(root, details["loc"])

    def problem(self) -> Problem:
        if self._type == "value_error":
            return self._rule_of_a_section()
        message = self._message()  # first, because it may move the location to the key at fault
        return Problem(self._origin(self._location), message)

    @property
    def _key(self) -> str:
        return dotted(self._location)

    @property
    def _found(self) -> str:
        return describe(self._details["input"])

    def _origin(self, location: Location) -> Origin:
        while location not in self._origins:
            location = location[:-1]
        return self._origins[location]

    def _message(self) -> str:
        if self._type in _EXPECTED:
            value = self._details["input"]
            bare = self._type == "tuple_type" and isinstance(value, str)
            hint = f"; a list stands in brackets, '[{value}]'" if bare else ""
            return f"{self._key}: expected {_EXPECTED[self._type]}, found {self._found}{hint}"
        if self._type in _BOUNDS:
            words, bound = _BOUNDS[self._type]
            return f"{self._key} must be {words} {self._context[bound]}, found {self._found}"
        special: dict[str, Callable[[], str]] = {
            "extra_forbidden": self._unknown_key,
            "missing": self._missing_key,
            "literal_error": self._not_a_choice,
            "union_tag_invalid": self._unknown_kind,
            "union_tag_not_found": self._unknown_kind,
            "unknown_kind": self._unknown_kind,
            "string_pattern_mismatch": self._bad_pattern,
            "too_short": self._wrong_count,
            "too_long": self._wrong_count,
        }
        return special[self._type]() if self._type in special else f"{self._key}: {self._details['msg']}"

    def _unknown_key(self) -> str:
        word = str(self._location[-1])
        prefix = "".join(f"{part}." for part in self._location[:-1])
        known = list(self._holder.model_fields) if self._holder else []
        hint = did_you_mean(word, known, prefix) or self._elsewhere(word)
        tag = kind_of(self._holder) if self._holder else ""
        kind = f" for the kind '{tag}'" if self._holder and tag != self._holder.__name__ else ""
        return f"unknown key '{self._key}'{kind}.{hint or ' Known here: ' + ', '.join(known)}"

    def _elsewhere(self, word: str) -> str:
        """Say where a key belongs that was written outside its section, or which one elsewhere is near to it."""
        # Sections that this recipe has no use for would only lengthen the list.
        used = {str(location[0]) for location in self._origins if location}
        paths = [path for path in leaf_paths(self._root) if path.partition(".")[0] in used]
        places = [path for path in paths if _last(path) == word]
        value = self._details["input"]
        # `phase.steps` where a section has `phase_steps`: what was written in the unknown section tells too.
        written = [word, *(f"{word}_{key}" for key in value)] if isinstance(value, dict) else [word]
        near = [path for path in paths if path not in places and any(_alike(name, _last(path)) for name in written)]
        # Within a section, a key that many others have too, such as `lr`, says nothing of which was meant.
        if len(places) == 1 or (places and len(self._location) == 1):
            return f" There is '{_either(places, 'and')}'."
        return f" Did you mean '{_either(near, 'or')}'?" if 0 < len(near) <= _MOST_NEAR else ""

    def _missing_key(self) -> str:
        key = self._location[-1]
        if isinstance(key, int):
            return f"{dotted(self._location[:-1])}: an item is missing, number {key + 1}"
        known = self._holder.model_fields.get(key) if self._holder else None
        meaning = f": {_one_line(known.description)}" if known and known.description else ""
        return f"missing key '{self._key}'{meaning}"

    def _not_a_choice(self) -> str:
        known = self._holder.model_fields.get(str(self._location[-1])) if self._holder else None
        choices = [str(value) for value in literal_values(known.annotation)] if known else []
        listed = ", ".join(choices) or str(self._context["expected"])
        found = self._details["input"]
        hint = did_you_mean(found, choices) if isinstance(found, str) else ""
        return f"{self._key}: expected one of {listed}, found {self._found}.{hint}"

    def _unknown_kind(self) -> str:
        found = self._details["input"]
        if not isinstance(found, dict):
            return f"{self._key}: expected a section with a key 'kind', found {self._found}"
        sections = sections_at(self._root, self._location)
        kinds = [kind for kind in sections if kind != CUSTOM]
        listed = ", ".join(kinds) + (", or your own class as package.module:Class" if CUSTOM in sections else "")
        if "kind" not in found:
            return f"missing key '{self._key}.kind': one of {listed}"
        kind = found["kind"]
        hint = did_you_mean(kind, kinds) if isinstance(kind, str) else ""
        self._location = (*self._location, "kind")
        return f"{self._key}: expected one of {listed}, found {describe(kind)}.{hint}"

    def _bad_pattern(self) -> str:
        if self._holder is not None and kind_of(self._holder) == CUSTOM:
            return f"{self._key}: a class of your own is written package.module:Class, found {self._found}"
        return f"{self._key}: {self._found} does not fit the pattern {self._context['pattern']}"

    def _wrong_count(self) -> str:
        few = self._type == "too_short"
        limit = self._context["min_length" if few else "max_length"]
        return (
            f"{self._key} needs at {'least' if few else 'most'} {limit} item(s), found {self._context['actual_length']}"
        )

    def _rule_of_a_section(self) -> Problem:
        """Place a rule that ties several keys together at the first of them that its message names."""
        message = str(self._context["error"])
        for word in re.findall(r"\w+(?:\.\w+)*", message):
            for base in (self._location, ()):
                mentioned = (*base, *word.split("."))
                if mentioned in self._origins:
                    return Problem(self._origins[mentioned], self._in_section(message))
        return Problem(self._origin(self._location), self._in_section(message))

    def _in_section(self, message: str) -> str:
        return f"{self._key}: {message}" if self._location else message


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _either(paths: Sequence[str], word: str) -> str:
    return f"' {word} '".join(paths)


def _alike(written: str, known: str) -> bool:
    """Tell whether a key has all words of a known one, of which there are several, or nearly its letters."""
    words = known.split("_")
    return (len(words) > 1 and set(words) <= set(written.split("_"))) or bool(
        difflib.get_close_matches(written, [known], cutoff=0.85)
    )


def describe(value: Any) -> str:
    """Say what was found: the value as YAML has it, or what it is where it is large."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a section of keys"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
