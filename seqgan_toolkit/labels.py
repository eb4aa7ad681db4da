"""Labels of several factors: one label, one name, and what the name says of each factor."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from seqgan_toolkit.errors import UserError

ALONE = "label"
"""The name of the factor of labels that have one."""
GOLDEN = (math.sqrt(5) - 1) / 2
_FACTOR = re.compile(r"([^=,]+)=([^=,]+)")


@dataclass(frozen=True)
class Factors:
    """What the names of labels say: `digit=7,speaker=jackson` has two factors, a plain name is a factor of its own.

    Names are read as factors only where all of them have the same ones.

    Attributes:
        names: of the factors.
        values: for each factor the names of its values, in the order of the labels.
        table: for each label the index of its value in every factor.
    """

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    table: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, label_names: Sequence[str]) -> Self:
        """Read the factors off the names of labels."""
        parsed = [_parse(name) for name in label_names]
        if any(one is None or one.keys() != (parsed[0] or {}).keys() for one in parsed):
            parsed = [{ALONE: name} for name in label_names]
        rows = [one for one in parsed if one is not None]
        names = tuple(rows[0]) if rows else ()
        values = tuple(tuple(dict.fromkeys(row[name] for row in rows)) for name in names)
        table = tuple(tuple(known.index(row[name]) for name, known in zip(names, values, strict=True)) for row in rows)
        return cls(names, values, table)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each factor has."""
        return tuple(len(values) for values in self.values)

    def column(self, factor: int) -> tuple[int, ...]:
        """Return the value of a factor for each label."""
        return tuple(row[factor] for row in self.table)


def name_of(factors: Mapping[str, str]) -> str:
    """Return the name of a label with the values of `factors`; that of `label` alone is the value itself.

    Raises:
        UserError: a value would not be read back.
    """
    if tuple(factors) == (ALONE,):
        return factors[ALONE]
    for factor, value in factors.items():
        if not value or set("=,") & set(value):
            raise UserError(
                f"'{value}' cannot be the value of the label's factor '{factor}': it is empty or has = or ,"
            )
    return ",".join(f"{factor}={value}" for factor, value in factors.items())


def matching(label_names: Sequence[str], wanted: str) -> list[int]:
    """Return the labels that `wanted` names: the one of this name, or all that agree with some of their factors.

    Raises:
        UserError: there is none.
    """
    if wanted in label_names:
        return [label_names.index(wanted)]
    asked = _parse(wanted)
    parsed = [_parse(name) or {} for name in label_names]
    found = [index for index, known in enumerate(parsed) if asked and asked.items() <= known.items()]
    if not found:
        shown = ", ".join(label_names[:30])
        factors = dict.fromkeys(f"{factor}={wanted}" for known in parsed for factor in known if known[factor] == wanted)
        hint = f". Did you mean '{next(iter(factors))}'?" if factors else ""
        raise UserError(f"there is no label '{wanted}'; this model knows {shown}{hint}")
    return found


def spread(num: int, num_labels: int) -> list[int]:
    """Return labels for `num` sequences: all in turn or, where there are more than that, ones from everywhere.

    Steps of about the golden ratio reach every value of every factor soon, where the first labels share a value.
    """
    if num >= num_labels:
        return [index % num_labels for index in range(num)]
    step = next(step for step in range(round(num_labels * GOLDEN), num_labels + 1) if math.gcd(step, num_labels) == 1)
    return sorted(index * step % num_labels for index in range(num))


def _parse(name: str) -> dict[str, str] | None:
    """Return the factors that a name spells out, or None where it spells out none."""
    parts = [_FACTOR.fullmatch(part) for part in name.split(",")]
    return {part[1]: part[2] for part in parts if part} if all(parts) else None
