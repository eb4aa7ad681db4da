"""What is wrong with a recipe, where it was written, and how that is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqgan_toolkit.errors import UserError

Location = tuple[str | int, ...]
"""The keys and indices that lead to a value: `("discriminator", "encoders", 0, "kind")`."""


@dataclass(frozen=True)
class Origin:
    """Where a value was written: a file, with a line where it is known, or an override."""

    name: str
    line: int | None = None

    def __str__(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    origin: Origin
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


def dotted(location: Iterable[str | int]) -> str:
    """Write a location as it is written in an override: `discriminator.encoders.0.kind`."""
    return ".".join(str(part) for part in location)


def raise_problems(problems: Sequence[Problem]) -> None:
    """Report all problems at once, one line each, in the order of the file; do nothing where there are none.

    Raises:
        UserError: there is at least one problem.
    """
    if problems:
        ordered = sorted(problems, key=lambda problem: problem.origin.line or 0)
        raise UserError("\n".join(dict.fromkeys(str(problem) for problem in ordered)))


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` most likely meant, or None where none is near."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    plain = word.lower().replace("-", "_")
    begun = [candidate for candidate in by_lower if len(plain) > 2 and candidate.startswith(plain)]
    matches = difflib.get_close_matches(plain, begun or by_lower, n=1, cutoff=0.1 if begun else 0.7)
    return by_lower[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str], prefix: str = "") -> str:
    """Return ` Did you mean '…'?`, or nothing where no candidate is near."""
    match = nearest(word, candidates)
    return f" Did you mean '{prefix}{match}'?" if match else ""
