"""What a run writes down of itself: JSON lines always, a line and a bar for the person who watches."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from seqgan_toolkit.console import open_bar


class Logger(Protocol):
    """Takes the values of a step."""

    def advance(self, phase: str, step: int, steps: int) -> None:
        """Take note that `step` of `steps` steps of a phase are done."""
        ...

    def log(self, phase: str, step: int, values: dict[str, float]) -> None:
        """Write values down."""
        ...

    def close(self) -> None:
        """Write what is still held."""
        ...


class RunLog:
    """`metrics.jsonl`, a line on the console, and a bar where that is a terminal.

    Args:
        path: the file; lines are added to what an earlier part of the run wrote.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115
        self._started = time.monotonic()
        self._bar = open_bar()

    def advance(self, phase: str, step: int, steps: int) -> None:
        """Move the progress bar, where there is a terminal to show one."""
        self._bar.show(phase, step, steps)

    def log(self, phase: str, step: int, values: dict[str, float]) -> None:
        """Append one line to the file and print the same in short."""
        seconds = round(time.monotonic() - self._started, 2)
        line = {"phase": phase, "step": step, "seconds": seconds, **values}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        shown = "  ".join(
            f"{name.split('/', 1)[-1] if name.startswith(phase) else name} {value:.4g}"
            for name, value in values.items()
        )
        self._bar.say(f"{phase} {step}  [{seconds:.0f} s]  {shown}")

    def close(self) -> None:
        """Close the file and take the bar away."""
        self._bar.close()
        self._file.close()


class SilentLog:
    """The log of the processes that do not write."""

    def advance(self, phase: str, step: int, steps: int) -> None:
        """Show nothing."""

    def log(self, phase: str, step: int, values: dict[str, float]) -> None:
        """Write nothing."""

    def close(self) -> None:
        """Write nothing."""


class Averages:
    """The mean of each value since it was last taken."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, float]) -> None:
        """Take in the values of a step."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        """Return the means, and start anew."""
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        self._sums.clear()
        self._counts.clear()
        return means
