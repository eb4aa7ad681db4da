"""Everything that changes from step to step, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.phase import Phase


@dataclass
class TrainingState:
    """Everything that changes from step to step.

    Attributes:
        parts: networks, averages and streams that all phases share, by name.
        phases: in order; their own parts are kept under their names.
        phase: the index of the phase that runs.
        step: steps of that phase that are done.
        total_steps: steps of all phases that are done.
    """

    parts: Mapping[str, Stateful]
    phases: Sequence[Phase]
    phase: int = 0
    step: int = 0
    total_steps: int = 0
    _own: list[tuple[str, Stateful]] = field(init=False)

    def __post_init__(self) -> None:
        self._own = list(self.parts.items())
        for phase in self.phases:
            self._own += [(f"{phase.name}.{name}", part) for name, part in phase.parts.items()]

    def state_dict(self) -> dict[str, Any]:
        """Return all of it as tensors and plain data."""
        return {
            "phase": self.phase,
            "step": self.step,
            "total_steps": self.total_steps,
            "parts": {name: part.state_dict() for name, part in self._own},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.phase, self.step, self.total_steps = state["phase"], state["step"], state["total_steps"]
        for name, part in self._own:
            part.load_state_dict(state["parts"][name])
