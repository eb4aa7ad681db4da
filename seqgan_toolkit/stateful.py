"""The seam of resuming: whatever changes from step to step can say where it stands."""

from __future__ import annotations

from typing import Any, Protocol


class Stateful(Protocol):
    """Anything that changes from step to step and can say where it stands."""

    def state_dict(self) -> Any:
        """Return where it stands, as tensors and plain data."""
        ...

    def load_state_dict(self, state: Any) -> Any:
        """Go on from there."""
        ...
