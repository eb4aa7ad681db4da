"""Cuts series into sequences, and decides which of them are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqgan_toolkit.console import say
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.series.spec import SeriesSpec
from seqgan_toolkit.domains.series.table import Integers, Table
from seqgan_toolkit.errors import UserError


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring rows that become one sequence: from `first` to before `last`."""

    split: Split
    first: int
    last: int


def cut(table: Table, spec: SeriesSpec) -> list[Window]:
    """Cut the series of a table into windows, or take them whole.

    Windows never reach over the border between two splits, unless they are split at random.

    Args:
        table: rows in order.
        spec: the size of windows and what is held out.

    Raises:
        UserError: no series is as long as a window, or one of the splits stays empty.
    """
    series = _long_enough(table, spec)
    how = spec.split or ("time" if len(series) == 1 and spec.window else "groups")
    if how == "time":
        windows = [window for one in series for part in _in_time(*one, spec) for window in _slide(part, spec)]
    elif how == "groups":
        if len(series) < 2:
            raise UserError(
                f"{table.name}: whole series are held out, and there is one: name what tells series apart with "
                "data.group, or set data.window to a number and data.split=time"
            )
        wholes = zip(_ranked([_key(table, first) for first, _ in series], spec), series, strict=True)
        windows = [window for split, (first, last) in wholes for window in _slide(Window(split, first, last), spec)]
    else:
        found = [window for first, last in series for window in _slide(Window("train", first, last), spec)]
        keys = [f"{_key(table, window.first)}/{window.first}" for window in found]
        splits = _ranked(keys, spec)
        windows = [Window(split, one.first, one.last) for split, one in zip(splits, found, strict=True)]
    _check_splits(table, spec, windows)
    return windows


def _long_enough(table: Table, spec: SeriesSpec) -> list[tuple[int, int]]:
    """Return the bounds of the series that give a window, cut to `max_length` where they are taken whole."""
    series = table.series()
    if spec.window is None:
        return [(first, min(last, first + spec.max_length)) for first, last in series]
    longest = max(last - first for first, last in series)
    if longest < spec.window:
        what = "the table has" if len(series) == 1 else "its longest series has"
        raise UserError(
            f"{table.name}: {what} {longest} rows, and a window {spec.window}: set data.window to {longest} or less, "
            "or to null for whole series"
        )
    kept = [(first, last) for first, last in series if last - first >= spec.window]
    if len(kept) < len(series):
        say(f"{table.name}: {len(series) - len(kept)} of {len(series)} series are shorter than a window and left out")
    return kept


def _in_time(first: int, last: int, spec: SeriesSpec) -> Iterator[Window]:
    """Split the rows of a series: the last ones are for tests, those before them for validation."""
    count = last - first
    test = last - round(spec.test_share * count)
    valid = test - round(spec.valid_share * count)
    yield Window("train", first, valid)
    yield Window("valid", valid, test)
    yield Window("test", test, last)


def _slide(part: Window, spec: SeriesSpec) -> Iterator[Window]:
    if spec.window is None:
        yield part
        return
    for first in range(part.first, part.last - spec.window + 1, spec.stride):
        yield Window(part.split, first, first + spec.window)


def _ranked(keys: list[str], spec: SeriesSpec) -> list[Split]:
    """Hold out the keys of the lowest hashes: the exact shares, at least one for tests where some are wanted."""
    hashes = [hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in keys]
    ranks: Integers = np.empty(len(keys), np.int64)
    ranks[sorted(range(len(keys)), key=hashes.__getitem__)] = np.arange(len(keys))
    num_test = max(round(spec.test_share * len(keys)), 1 if spec.test_share else 0)
    num_valid = round(spec.valid_share * len(keys))
    return ["test" if rank < num_test else "valid" if rank < num_test + num_valid else "train" for rank in ranks]


def _key(table: Table, row: int) -> str:
    return "" if table.group is None else table.group.names[table.group.indices[row]]


def _check_splits(table: Table, spec: SeriesSpec, windows: list[Window]) -> None:
    found = {window.split for window in windows}
    wanted: dict[Split, float] = {"train": 1.0, "test": spec.test_share}
    for split, share in wanted.items():
        if share and split not in found:
            raise UserError(
                f"{table.name}: the rows for the {split} split hold no window of {spec.window}: lower data.window "
                "or data.stride, change data.test_share, or set data.split=random (whose windows overlap)"
            )
