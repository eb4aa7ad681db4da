"""Tunes to sequences and back: exact for the values of the training tunes, near for others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.domains.events.coding import EventCoding
from seqgan_toolkit.domains.events.domain import CODINGS
from seqgan_toolkit.domains.events.frames import EventFrames
from seqgan_toolkit.domains.events.notes import Note, Tune, playable
from seqgan_toolkit.domains.events.pieces import pieces_of, shortened
from seqgan_toolkit.domains.events.spec import EventSpec
from seqgan_toolkit.domains.events.tokens import RESERVED, EventTokens
from seqgan_toolkit.sequences import END, PAD, START, FrameSpace

Notes = tuple[Note, ...]
CHORD = (Note(0, 60, 12, 72), Note(0, 64, 12, 72), Note(12, 60, 6, 104), Note(30, 72, 6, 104))


def notes(lowest: int = 30, highest: int = 90) -> st.SearchStrategy[Notes]:
    """Notes that begin at 0, at velocities that are middles of one of 8 levels."""
    one = st.builds(
        Note,
        onset=st.integers(0, 95),
        pitch=st.integers(lowest, highest),
        duration=st.integers(1, 96),
        velocity=st.integers(0, 7).map(lambda level: 16 * level + 8),
    )
    spec = EventSpec(steps_per_beat=12)
    return st.lists(one, min_size=1, max_size=20).map(lambda found: pieces_of(Tune(playable(found), 12), spec)[0])


@given(notes())
def test_tokens_bring_training_tunes_back_exactly(found: Notes) -> None:
    coding = EventTokens.fit([found], 8)
    values = coding.encode(found)
    assert values[-1] == END
    assert values.min() >= min(END, RESERVED)
    assert values.max() < coding.space.size
    assert coding.well_formed(values)
    assert tuple(coding.decode(values)) == found


@given(notes())
def test_frames_bring_training_tunes_back_exactly(found: Notes) -> None:
    coding = EventFrames.fit([found])
    values = coding.encode(found)
    assert values.shape == (len(found), 4)
    assert np.abs(values).max() <= 1
    assert tuple(coding.decode(values)) == found


@pytest.mark.parametrize("fit", [lambda tune: EventTokens.fit([tune], 8), lambda tune: EventFrames.fit([tune])])
@given(other=notes(0, 127))
def test_other_tunes_become_the_nearest_that_can_be_said(fit: Callable[[Notes], EventCoding], other: Notes) -> None:
    coding = fit(CHORD)
    back = coding.decode(coding.encode(other))
    assert len(back) == len(other)
    assert {note.pitch for note in back} <= set(range(60, 73))
    for note, said in zip(other, back, strict=True):
        if note.pitch in (60, 64, 72):
            assert said.pitch == note.pitch
        assert abs(said.pitch - min(max(note.pitch, 60), 72)) <= 4


def test_tokens_stand_only_where_they_change_something() -> None:
    coding = EventTokens.fit([CHORD], 8)
    words = [*(["reserved"] * RESERVED), *(f"{kind} {value}" for kind, value in coding._words)]
    assert [words[token] for token in coding.encode(CHORD)[:-1]] == [
        "velocity 72", "pitch 60", "duration 12", "pitch 64", "duration 12",
        "shift 12", "velocity 104", "pitch 60", "duration 6", "shift 18", "pitch 72", "duration 6",
    ]  # fmt: skip
    assert not {"shift 0", "velocity 8"} & set(words)


def test_velocities_are_sorted_into_levels() -> None:
    loud = tuple(note._replace(velocity=127 - index) for index, note in enumerate(CHORD))
    coding = EventTokens.fit([loud], 2)
    assert coding.velocity == (96,)
    assert {note.velocity for note in coding.decode(coding.encode(loud))} == {96}
    assert EventTokens.fit([loud], 127).velocity == (124, 125, 126, 127)


def test_what_a_generator_makes_up_is_read_as_far_as_it_has_a_meaning() -> None:
    coding = EventTokens.fit([CHORD], 8)
    id_of = {word: RESERVED + index for index, word in enumerate(coding._words)}
    pitch, duration, shift = id_of["pitch", 60], id_of["duration", 12], id_of["shift", 18]
    lawless = [duration, shift, pitch, shift, duration, PAD, START, pitch, duration, pitch, END, pitch, duration]
    assert coding.decode(np.array(lawless)) == [Note(36, 60, 12, 64)]
    for broken in (lawless, [pitch, END], [END], [pitch, duration], [pitch, duration, PAD, END]):
        assert not coding.well_formed(np.array(broken))
    assert coding.well_formed(np.array([pitch, duration, END]))


def test_any_frames_are_notes() -> None:
    coding = EventFrames.fit([CHORD])
    found = coding.decode(np.random.default_rng(0).uniform(-3, 3, (500, 4)).astype(np.float32))
    assert len(found) == 500
    assert all(1 <= note.duration <= 18 and 60 <= note.pitch <= 72 and 1 <= note.velocity <= 127 for note in found)
    assert [note.onset for note in found] == sorted(note.onset for note in found)
    assert coding.space == FrameSpace(4)


@pytest.mark.parametrize("coding", [EventTokens.fit([CHORD], 8), EventFrames.fit([CHORD])])
def test_a_coding_is_rebuilt_from_its_state(coding: EventCoding) -> None:
    name = next(name for name, kind in CODINGS.items() if isinstance(coding, kind))
    assert CODINGS[name].from_state(coding.state()) == coding


def test_windows_cover_a_tune_and_end_with_it() -> None:
    notes = tuple(Note(10 * index, 60 + index, 5, 80) for index in range(11))
    tune = Tune(notes, 12)
    windows = pieces_of(tune, EventSpec(window=4, stride=3))
    assert [window[0].pitch - 60 for window in windows] == [0, 3, 6, 7]
    assert all(len(window) == 4 and window[0].onset == 0 for window in windows)
    assert windows[-1][-1].pitch == notes[-1].pitch
    assert [len(window) for window in pieces_of(tune, EventSpec(window=5))] == [5, 5, 5]
    assert pieces_of(Tune(notes[:3], 12), EventSpec(window=4)) == [notes[:3]]
    assert pieces_of(Tune(notes[2:], 12), EventSpec(max_notes=2)) == [(Note(0, 62, 5, 80), Note(10, 63, 5, 80))]


def test_long_notes_and_rests_are_shortened() -> None:
    tune = (Note(0, 60, 500, 80), Note(3, 62, 5, 80), Note(300, 64, 40, 80), Note(310, 65, 5, 80))
    assert shortened(tune, 30) == (Note(0, 60, 30, 80), Note(3, 62, 5, 80), Note(33, 64, 30, 80), Note(43, 65, 5, 80))
