"""The phase of an ensemble: it has no steps, since other runs have trained its members."""

from __future__ import annotations

from collections.abc import Mapping

from seqgan_toolkit.stateful import Stateful


class Assembling:
    """No step at all; what it ends with is the ensemble as it was put together."""

    name = "ensemble"
    steps = 0
    parts: Mapping[str, Stateful] = {}

    def begin(self) -> None:
        """Nothing to prepare."""

    def step(self, index: int) -> dict[str, float]:
        """Never called."""
        raise AssertionError(f"an ensemble has no step {index}")
