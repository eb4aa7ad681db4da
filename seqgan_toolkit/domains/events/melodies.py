"""The built-in source of events: random tunes that keep laws, whose probability is known exactly."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from typing import TypeVar

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.events.melody_reading import choices_of
from seqgan_toolkit.domains.events.melody_rules import LOUD, SOFT, TICKS_PER_BEAT, walk
from seqgan_toolkit.domains.events.notes import Note, Tune

MODES = ("major", "minor")
LEAST_TEST_TUNES = 1000
VALID_SHARE = 0.05

Choice = TypeVar("Choice")


class MelodiesSource:
    """Tunes of two voices in all keys, labelled `major` and `minor`; the same seed gives the same tunes.

    Args:
        num_tunes: of the training split; validation has 5 % as many, and the test split at least 1,000.
        seed: of everything that varies.
    """

    name = "melodies"

    def __init__(self, num_tunes: int, seed: int) -> None:
        valid = max(len(MODES), round(VALID_SHARE * num_tunes))
        self._sizes: dict[Split, int] = {"train": num_tunes, "valid": valid, "test": max(LEAST_TEST_TUNES, valid)}
        self._seed = seed

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the tunes of a split, major and minor in turns."""
        rng = random.Random(f"{self._seed} {split}")
        for index in range(self._sizes[split]):
            mode = MODES[index % len(MODES)]
            yield RawItem(draw_tune(mode, rng), mode, f"melodies {split} {index}")

    def size(self, split: Split) -> int:
        """Return the number of tunes of a split."""
        return self._sizes[split]


def draw_tune(mode: str, rng: random.Random) -> Tune:
    """Compose a tune."""

    def draw(options: Mapping[Choice, float]) -> Choice:
        (chosen,) = rng.choices(tuple(options), tuple(options.values()))
        return chosen

    return Tune(tuple(sorted(walk(mode, draw))), TICKS_PER_BEAT)


def log_probability(tune: Tune, mode: str | None) -> float:
    """Return the exact log-probability of a tune, in nats; minus infinity where it breaks a law.

    Args:
        tune: of any grid; a note is loud or soft by whichever is nearer.
        mode: `major` or `minor`; when None the tune may be in either, with equal chances.
    """
    if mode is None:
        found = [math.exp(log_probability(tune, mode)) for mode in MODES]
        return math.log(sum(found) / len(MODES)) if any(found) else -math.inf
    plain = in_half_beats(tune)
    total, choices = 0.0, None if plain is None else choices_of(plain, mode)
    if choices is None:
        return -math.inf
    waiting = iter(choices)

    def read(options: Mapping[Choice, float]) -> Choice:
        nonlocal total
        chosen: Choice = next(waiting)  # type: ignore[assignment]
        if chosen not in options:
            raise _UnlawfulError
        total += math.log(options[chosen] / sum(options.values()))
        return chosen

    try:
        composed = walk(mode, read)
    except (_UnlawfulError, StopIteration):
        return -math.inf
    return total if tuple(sorted(composed)) == plain else -math.inf


class _UnlawfulError(Exception):
    """A choice that the laws do not offer."""


def in_half_beats(tune: Tune) -> tuple[Note, ...] | None:
    """Return the notes in half beats, each loud or soft; None where one lies between two half beats."""
    times = [time * TICKS_PER_BEAT for note in tune.notes for time in (note.onset, note.duration)]
    if any(time % tune.ticks_per_beat for time in times):
        return None
    return tuple(
        Note(
            note.onset * TICKS_PER_BEAT // tune.ticks_per_beat,
            note.pitch,
            note.duration * TICKS_PER_BEAT // tune.ticks_per_beat,
            LOUD if 2 * note.velocity > LOUD + SOFT else SOFT,
        )
        for note in tune.notes
    )
