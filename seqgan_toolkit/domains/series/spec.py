"""What a user may choose about a table of series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Normalise = Literal["min_max", "z_score", "per_window", "levels"]
Missing = Literal["error", "interpolate", "mask"]
SeriesSplit = Literal["time", "groups", "random"]


@dataclass(frozen=True)
class Roles:
    """Which column of a table is what.

    Attributes:
        columns: those that a series is made of; all that have no other role when None.
        time: the times by which rows are ordered: numbers or ISO dates.
        group: what tells one series from another.
        label: the names of a series' class; several are factors of one label.
        static: numbers that do not change within a series.
    """

    columns: tuple[str, ...] | None = None
    time: str | None = None
    group: str | None = None
    label: tuple[str, ...] = ()
    static: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeriesSpec:
    """How a table becomes sequences.

    Attributes:
        newest_first: whether rows stand in reverse, where no time orders them.
        window: steps of a sequence; None for whole groups.
        stride: rows between the starts of windows.
        max_length: whole groups are cut to so many steps.
        normalise: how values come into [-1, 1].
        missing: what becomes of empty cells.
        split: what is held out; None for the last rows of one series, and for whole groups of several.
        valid_share: share held out for validation.
        test_share: share held out for tests.
    """

    newest_first: bool = False
    window: int | None = 24
    stride: int = 1
    max_length: int = 512
    normalise: Normalise = "min_max"
    missing: Missing = "error"
    split: SeriesSplit | None = None
    valid_share: float = 0.05
    test_share: float = 0.1
