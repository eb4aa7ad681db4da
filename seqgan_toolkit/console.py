"""What a person sees while a command works: lines, and progress bars on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

PLAIN_SECONDS = 10.0
"""Where there is no terminal, a line of progress is printed this often."""


def say(message: str) -> None:
    """Print one line for the user on standard error, so that standard output stays free for results."""
    print(message, file=sys.stderr, flush=True)


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield `items`, with a progress bar on a terminal and a plain line every ten seconds elsewhere.

    Args:
        items: what to go through.
        description: what is being done, in a few words.
        total: how many items there are, where that is known.
    """
    if sys.stderr.isatty():
        yield from _track_on_terminal(items, description, total)
    else:
        yield from _track_plainly(items, description, total)


def _track_on_terminal(items: Iterable[Item], description: str, total: int | None) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import track as rich_track

    yield from rich_track(items, description=description, total=total, console=Console(stderr=True), transient=True)


def _track_plainly(items: Iterable[Item], description: str, total: int | None) -> Iterator[Item]:
    last = time.monotonic()
    of_total = "" if total is None else f" of {total}"
    for count, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last >= PLAIN_SECONDS:
            say(f"{description}: {count}{of_total}")
            last = now
