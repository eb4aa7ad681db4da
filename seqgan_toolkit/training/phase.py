"""The seam between the loop and what a step does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from seqgan_toolkit.stateful import Stateful


class Phase(Protocol):
    """A stretch of training with one kind of step.

    Attributes:
        name: unique in a run.
        steps: how many there are.
        parts: whatever of its own changes from step to step, by name.
    """

    name: str
    steps: int
    parts: Mapping[str, Stateful]

    def begin(self) -> None:
        """Prepare the networks, once, before the first step."""
        ...

    def step(self, index: int) -> dict[str, float]:
        """Take step `index` and return what is worth logging."""
        ...
