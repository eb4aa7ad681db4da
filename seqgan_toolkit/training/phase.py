"""The seam between the loop and what a step does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Stateful(Protocol):
    """Anything that changes from step to step and can say where it stands."""

    def state_dict(self) -> Any:
        """Return where it stands, as tensors and plain data."""
        ...

    def load_state_dict(self, state: Any) -> Any:
        """Go on from there."""
        ...


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
