"""The built-in tunes keep their laws, and their probability is what they are drawn with."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from seqgan_toolkit.domains.events import melody_rules
from seqgan_toolkit.domains.events.melodies import MODES, MelodiesSource, draw_tune, log_probability
from seqgan_toolkit.domains.events.notes import Note, Tune, on_grid


def tunes(mode: str = "major", count: int = 40) -> list[Tune]:
    rng = random.Random(1)
    return [draw_tune(mode, rng) for _ in range(count)]


def test_the_source_is_the_same_every_time_and_labelled() -> None:
    source, again = MelodiesSource(20, 0), MelodiesSource(20, 0)
    items = list(source.items("train"))
    assert [item.value for item in items] == [item.value for item in again.items("train")]
    assert items[0].value != next(MelodiesSource(20, 1).items("train")).value
    assert Counter(item.label for item in items) == {"major": 10, "minor": 10}
    assert len(items) == source.size("train") == 20
    assert source.size("test") == 1000
    assert not {item.value for item in items} & {item.value for item in source.items("test")}


def test_every_tune_is_lawful_in_its_mode_and_on_any_even_grid() -> None:
    for mode in MODES:
        for tune in tunes(mode):
            assert math.isfinite(log_probability(tune, mode))
            assert log_probability(on_grid(tune, 12), mode) == pytest.approx(log_probability(tune, mode))


@pytest.fixture
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Laws with few choices, so that every tune can be counted: one pair, one key, two degrees."""
    monkeypatch.setattr(melody_rules, "TONICS", range(60, 61))
    monkeypatch.setattr(melody_rules, "DEGREES", range(3, 8))
    monkeypatch.setattr(melody_rules, "RHYTHMS", {(4, 4): 1.0})
    monkeypatch.setattr(melody_rules, "LAST_RHYTHMS", {(8,): 1.0})
    monkeypatch.setattr(melody_rules, "CHORDS", {0: 2.0, 3: 1.0})
    monkeypatch.setattr(melody_rules, "PAIRS", {1: 1.0})


def every_tune() -> list[Tune]:
    """Walk through all choices that the laws offer."""
    found: list[Tune] = []
    waiting: list[list[Any]] = [[]]
    while waiting:
        taken = waiting.pop()
        given = iter(taken)

        def choose(options: Any, taken: list[Any] = taken, given: Any = given) -> Any:
            for choice in given:
                return choice
            waiting.extend([*taken, option] for option in options)
            raise LookupError

        try:
            found.append(Tune(tuple(sorted(melody_rules.walk("major", choose))), melody_rules.TICKS_PER_BEAT))
        except LookupError:
            continue
    return found


@pytest.mark.usefixtures("small_world")
def test_the_probabilities_of_all_tunes_sum_to_one_and_are_those_of_the_draws() -> None:
    known = {tune: math.exp(log_probability(tune, "major")) for tune in every_tune()}
    assert len(known) > 20
    assert sum(known.values()) == pytest.approx(1)
    drawn = Counter(tunes(count=4000))
    assert drawn.keys() <= known.keys()
    for tune, probability in known.items():
        assert abs(drawn[tune] - 4000 * probability) < 5 * (4000 * probability) ** 0.5 + 1


BREAKS: list[tuple[str, Callable[[list[Note]], None]]] = [
    ("a note outside the scale", lambda notes: notes.append(notes.pop()._replace(pitch=notes[0].pitch + 25))),
    ("no ending on the tonic", lambda notes: notes.append(notes.pop()._replace(pitch=notes[0].pitch + 28))),
    ("a bass note too short", lambda notes: notes.__setitem__(0, notes[0]._replace(duration=4))),
    ("a rest", lambda notes: notes.__delitem__(2)),
    ("a soft first beat", lambda notes: notes.__setitem__(1, notes[1]._replace(velocity=40))),
    ("three voices", lambda notes: notes.insert(1, notes[0]._replace(pitch=notes[0].pitch + 7))),
    ("a late note", lambda notes: notes.__setitem__(-1, notes[-1]._replace(onset=notes[-1].onset + 1))),
    ("a bar too many", lambda notes: notes.append(Note(100, 60, 8, 104))),
    ("nothing at all", lambda notes: notes.clear()),
]


@pytest.mark.parametrize(("name", "spoil"), BREAKS, ids=[name for name, _ in BREAKS])
def test_a_broken_law_is_seen(name: str, spoil: Callable[[list[Note]], None]) -> None:
    for tune in tunes(count=5):
        notes = list(tune.notes)
        spoil(notes)
        assert log_probability(Tune(tuple(sorted(notes)), tune.ticks_per_beat), "major") == -math.inf, name


def test_without_a_label_a_tune_may_be_in_either_mode() -> None:
    for tune in tunes("minor", 5):
        known = [log_probability(tune, mode) for mode in MODES]
        expected = math.log(sum(math.exp(value) for value in known) / 2)
        assert log_probability(tune, None) == pytest.approx(expected)
    assert log_probability(Tune((), 2), None) == -math.inf


def test_a_time_between_the_half_beats_is_not_lawful() -> None:
    (tune,) = tunes(count=1)
    finer = on_grid(tune, 12)
    late = (*finer.notes[:-1], finer.notes[-1]._replace(duration=finer.notes[-1].duration - 1))
    assert log_probability(Tune(late, 12), "major") == -math.inf
