"""The loop: phases one after the other, from wherever the last checkpoint stood."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from seqgan_toolkit.console import say
from seqgan_toolkit.training.checkpoints import Checkpoints
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.logs import Averages, Logger
from seqgan_toolkit.training.optimizers import NonFiniteLossError
from seqgan_toolkit.training.phase import Phase
from seqgan_toolkit.training.state import TrainingState


@dataclass(frozen=True)
class Rhythm:
    """How often, in steps, the loop logs, shows samples and saves."""

    log_every: int
    preview_every: int
    checkpoint_every: int


class Loop:
    """Runs every phase to its end.

    Args:
        state: where the run stands; it is changed in place.
        checkpoints: where it is saved.
        logger: takes the values of steps.
        ranks: this process among all; the first one writes.
        rhythm: how often.
        preview: shows samples, given the number of steps done.
        describe: plain data that every checkpoint carries (the data's facts, the domain's state).
    """

    def __init__(
        self,
        state: TrainingState,
        *,
        checkpoints: Checkpoints,
        logger: Logger,
        ranks: Ranks,
        rhythm: Rhythm,
        preview: Callable[[int], None],
        describe: Mapping[str, Any],
    ) -> None:
        self.state, self.checkpoints, self.logger, self.ranks = state, checkpoints, logger, ranks
        self.rhythm, self.preview, self.describe = rhythm, preview, describe
        self._averages = Averages()

    def run(self) -> None:
        """Go on from where the state stands.

        Raises:
            KeyboardInterrupt: after a checkpoint, when the user asked to stop.
            NonFiniteLossError: before the update that would have spoilt the weights.
        """
        with _interrupts() as asked_to_stop:
            while self.state.phase < len(self.state.phases):
                self._run_phase(self.state.phases[self.state.phase], asked_to_stop)
            self.ranks.wait()

    def _run_phase(self, phase: Phase, asked_to_stop: Callable[[], bool]) -> None:
        state = self.state
        if state.step == 0:
            phase.begin()
        while state.step < phase.steps:
            self._averages.add(self._step(phase))
            state.step += 1
            state.total_steps += 1
            self._show(phase)
            # One process may hear of it a step before another: all of them stop at the same one.
            stop = bool(self.ranks.largest(int(asked_to_stop())))
            if stop or state.total_steps % self.rhythm.checkpoint_every == 0:
                self._save()
            if stop:
                if self.ranks.first:
                    say(f"saved at {phase.name} {state.step}: the same command goes on from there")
                raise KeyboardInterrupt
        if self.ranks.first:
            self.checkpoints.save_phase(phase.name, {**self.describe, **state.state_dict()})
        state.phase, state.step = state.phase + 1, 0
        self._save()

    def _step(self, phase: Phase) -> dict[str, float]:
        try:
            return phase.step(self.state.step)
        except NonFiniteLossError as error:
            raise NonFiniteLossError(
                f"{phase.name} step {self.state.step + 1}: {error}. The step was not taken. Checkpoints in "
                f"{self.checkpoints.directory}: {self.checkpoints.describe()}. "
                "Lower the learning rate or raise the penalty"
            ) from error

    def _show(self, phase: Phase) -> None:
        """Log and preview, where it is time and this process writes."""
        state, rhythm = self.state, self.rhythm
        self.logger.advance(phase.name, state.step, phase.steps)
        if not self.ranks.first:
            return
        if state.step % rhythm.log_every == 0 or state.step in (1, phase.steps):
            self.logger.log(phase.name, state.step, self._averages.take())
        if state.total_steps % rhythm.preview_every == 0:
            self.preview(state.total_steps)

    def _save(self) -> None:
        if self.ranks.first:
            self.checkpoints.save({**self.describe, **self.state.state_dict()}, self.state.total_steps)


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
