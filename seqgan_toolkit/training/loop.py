"""The loop: phases one after the other, from wherever the last checkpoint stood."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from seqgan_toolkit.training.checkpoints import Checkpoints
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.logs import Logger
from seqgan_toolkit.training.optimizers import NonFiniteLossError
from seqgan_toolkit.training.phase import Phase, Stateful


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


@dataclass(frozen=True)
class Rhythm:
    """How often, in steps, the loop logs, shows samples and saves."""

    log_every: int
    preview_every: int
    checkpoint_every: int


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


def train(
    state: TrainingState,
    *,
    checkpoints: Checkpoints,
    logger: Logger,
    ranks: Ranks,
    rhythm: Rhythm,
    preview: Callable[[int], None],
    describe: Mapping[str, Any],
) -> None:
    """Run every phase to its end.

    Args:
        state: where the run stands; it is changed in place.
        checkpoints: where it is saved.
        logger: takes the values of steps.
        ranks: this process among all; the first one writes.
        rhythm: how often.
        preview: shows samples, given the number of steps done.
        describe: plain data that every checkpoint carries (the data's facts, the domain's state).

    Raises:
        KeyboardInterrupt: after a checkpoint, when the user asked to stop.
        NonFiniteLossError: before the update that would have spoilt the weights.
    """

    def save() -> None:
        if ranks.first:
            checkpoints.save({**describe, **state.state_dict()}, state.total_steps)

    averages = Averages()
    with _interrupts() as asked_to_stop:
        while state.phase < len(state.phases):
            phase = state.phases[state.phase]
            if state.step == 0:
                phase.begin()
            while state.step < phase.steps:
                averages.add(_step(phase, state, checkpoints))
                state.step += 1
                state.total_steps += 1
                logger.advance(phase.name, state.step, phase.steps)
                if ranks.first and (state.step % rhythm.log_every == 0 or state.step in (1, phase.steps)):
                    logger.log(phase.name, state.step, averages.take())
                if ranks.first and (state.total_steps % rhythm.preview_every == 0):
                    preview(state.total_steps)
                if state.total_steps % rhythm.checkpoint_every == 0:
                    save()
                # One process may hear of it a step before another: all of them stop at the same one.
                if ranks.largest(int(asked_to_stop())):
                    save()
                    raise KeyboardInterrupt
            if ranks.first:
                checkpoints.save_phase(phase.name, {**describe, **state.state_dict()})
            state.phase, state.step = state.phase + 1, 0
            save()
        ranks.wait()


def _step(phase: Phase, state: TrainingState, checkpoints: Checkpoints) -> dict[str, float]:
    try:
        return phase.step(state.step)
    except NonFiniteLossError as error:
        raise NonFiniteLossError(
            f"{phase.name} step {state.step + 1}: {error}. The step was not taken. Checkpoints in "
            f"{checkpoints.directory}: {checkpoints.describe()}. Lower the learning rate or raise the penalty"
        ) from error


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question that the loop asks between steps; a second Ctrl-C stops at once."""
    asked = False

    def remember(signum: int, frame: Any) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    try:
        before = signal.signal(signal.SIGINT, remember)
    except ValueError:  # not in the main thread, where signals cannot be handled
        yield lambda: False
        return
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
