"""What a person sees while a command works: lines, and progress bars on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")

PLAIN_SECONDS = 10.0
"""Where there is no terminal, a line of progress is printed this often."""


def say(message: str) -> None:
    """Print one line for the user on standard error, so that standard output stays free for results."""
    print(message, file=sys.stderr, flush=True)


class Bar(Protocol):
    """Shows how far a work of known length is, and lets lines pass above it."""

    def show(self, description: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        ...

    def say(self, message: str) -> None:
        """Print a line."""
        ...

    def close(self) -> None:
        """Take the bar away."""
        ...


class NoBar:
    """Lines alone, where there is no terminal."""

    def show(self, description: str, done: int, total: int) -> None:
        """Show nothing: the lines say enough."""

    def say(self, message: str) -> None:
        """Print a line."""
        say(message)

    def close(self) -> None:
        """Nothing to take away."""


class TerminalBar:
    """A bar at the foot of the terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("", total=None)
        self._progress.start()

    def show(self, description: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        self._progress.update(self._task, description=description, completed=done, total=total)

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(message, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def open_bar() -> Bar:
    """Return a bar that fits where standard error goes."""
    return TerminalBar() if sys.stderr.isatty() else NoBar()


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
