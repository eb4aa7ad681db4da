"""Numbers that change over a phase, as functions of the share of it that is done."""

from __future__ import annotations

import math
from typing import Literal

Shape = Literal["linear", "exponential", "cosine"]


def between(start: float, end: float, done: float, shape: Shape) -> float:
    """Return the value between `start` and `end` when the share `done` of the phase is behind."""
    if shape == "exponential":
        return float(start * (end / start) ** done)
    if shape == "cosine":
        done = (1 - math.cos(math.pi * done)) / 2
    return start + (end - start) * done


def towards(start: float, end: float | None, done: float) -> float:
    """Return `start`, moved to `end` along half a cosine over the phase where there is an end (Huang et al. 2024)."""
    return start if end is None else between(start, end, done, "cosine")


def held_then_falling(done: float, hold: float, final: float, shape: Shape = "linear") -> float:
    """Return 1 until the share `hold` of the phase is done, then fall to `final` at its end along `shape`."""
    return 1.0 if done <= hold else between(1.0, final, (done - hold) / (1 - hold), shape)
