"""Timing that a busy machine cannot tilt: two pieces of work in turns, compared within one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of every round of one piece of work: on the clock, and on the processor."""

    wall: list[float]
    cpu: list[float]

    def rate(self, count: int) -> str:
        """Describe how many of something a second come out of a round that makes `count`: median, least, most."""
        rates = sorted(count / seconds for seconds in self.wall)
        return f"{statistics.median(rates):,.0f}/s ({rates[0]:,.0f} to {rates[-1]:,.0f})"


def in_turns(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[Timing, Timing]:
    """Run two pieces of work A B A B …, after one unmeasured round of each."""
    timings = Timing([], []), Timing([], [])
    for count in range(rounds + 1):
        for work, timing in zip((first, second), timings, strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            if count:
                timing.wall.append(time.perf_counter() - wall)
                timing.cpu.append(time.process_time() - cpu)
    return timings


def ratio(slower: Timing, faster: Timing) -> str:
    """Describe how many times longer one takes: median and quartiles over the rounds, and the fastest rounds alone."""
    clock, cpu = _quartiles(slower.wall, faster.wall), _quartiles(slower.cpu, faster.cpu)
    return f"{clock} by the clock, {cpu} by CPU time, fastest rounds {min(slower.cpu) / min(faster.cpu):.2f}x"


def overall(slower: Timing, faster: Timing) -> str:
    """Describe how many times longer all rounds of one take together, where the work differs from round to round."""
    wall, cpu = sum(slower.wall) / sum(faster.wall), sum(slower.cpu) / sum(faster.cpu)
    return f"{wall:.2f}x by the clock, {cpu:.2f}x by CPU time"


def _quartiles(slower: list[float], faster: list[float]) -> str:
    low, middle, high = statistics.quantiles((a / b for a, b in zip(slower, faster, strict=True)), n=4)
    return f"{middle:.2f}x ({low:.2f} to {high:.2f})"
