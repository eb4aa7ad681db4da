"""MIDI files: what is written is read back, files of other programs are read, and bad ones are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.domains.events.midi_bytes import BadMidiError
from seqgan_toolkit.domains.events.midi_reading import parse_midi, read_midi
from seqgan_toolkit.domains.events.midi_writing import midi_bytes, write_midi
from seqgan_toolkit.domains.events.notes import Note, Tune, on_grid, playable

END = b"\x00\xff\x2f\x00"


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "big") + content


def file_of(*tracks: bytes, kind: int = 0, division: int = 96) -> bytes:
    header = b"".join(number.to_bytes(2, "big") for number in (kind, len(tracks), division))
    return chunk(b"MThd", header) + b"".join(chunk(b"MTrk", track) for track in tracks)


def notes() -> st.SearchStrategy[tuple[Note, ...]]:
    one = st.builds(
        Note,
        onset=st.integers(0, 100_000),
        pitch=st.integers(0, 127),
        duration=st.integers(1, 20_000),
        velocity=st.integers(1, 127),
    )
    return st.lists(one, min_size=1, max_size=30).map(playable)


@given(notes(), st.integers(1, 960), st.integers(20, 300))
def test_a_tune_is_read_back_exactly(found: tuple[Note, ...], ticks: int, tempo: int) -> None:
    back = parse_midi(midi_bytes(Tune(found, ticks, tempo)))
    assert (back.notes, back.ticks_per_beat) == (found, ticks)
    assert back.beats_per_minute == pytest.approx(tempo, rel=1e-5)


def test_a_tune_goes_through_a_file(tmp_path: Path) -> None:
    tune = Tune((Note(0, 60, 48, 100),), 24, 120.0)
    write_midi(tune, tmp_path / "deep" / "tune.mid")
    assert read_midi(tmp_path / "deep" / "tune.mid") == tune


def test_running_status_and_a_note_on_without_velocity() -> None:
    # 0x90 stands once; 60 for 96 ticks, then 62 and 64 together for 200, a number of two bytes.
    track = bytes.fromhex("00 90 3c 50 60 3c 00 00 3e 51 00 40 52 81 48 3e 00 00 40 00") + END
    tune = parse_midi(file_of(track))
    assert tune.notes == (Note(0, 60, 96, 80), Note(96, 62, 200, 81), Note(96, 64, 200, 82))


def test_tracks_and_channels_are_joined_and_the_tempo_is_the_mean() -> None:
    # One beat of 500,000 microseconds, then three of 1,000,000 to the end of the last note.
    tempos = bytes.fromhex("00 ff 51 03 07 a1 20 60 ff 51 03 0f 42 40") + END
    one = bytes.fromhex("00 c1 05 00 91 3c 40 82 20 81 3c 40") + END  # a program, then 60 for 288 ticks
    other = bytes.fromhex("00 f0 02 01 f7 81 40 92 30 30 81 40 82 30 00") + END  # system exclusive; 48 from 192 on
    tune = parse_midi(file_of(tempos, one, other, kind=1))
    assert tune.notes == (Note(0, 60, 288, 64), Note(192, 48, 192, 48))
    assert tune.beats_per_minute == pytest.approx(60 * 4 / 3.5)


def test_drums_unknown_chunks_and_notes_without_end() -> None:
    track = bytes.fromhex("00 99 24 7f 00 90 40 7f 30 89 24 00 30 b0 07 64") + END
    header = file_of(track)
    data = header[:14] + chunk(b"XYZW", b"anything") + header[14:]
    assert parse_midi(data).notes == (Note(0, 64, 96, 127),)


def test_a_key_that_is_struck_again_ends_its_note() -> None:
    track = bytes.fromhex("00 90 3c 40 30 3c 41 30 3c 00") + END
    assert parse_midi(file_of(track)).notes == (Note(0, 60, 48, 64), Note(48, 60, 48, 65))


ONE_NOTE = bytes.fromhex("00 90 3c 40 60 80 3c 40") + END
GOOD = file_of(ONE_NOTE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"RIFF1234", "not a MIDI file"),
        (b"", "not a MIDI file"),
        (GOOD[:12], "cut short: 2 bytes are missing"),
        (GOOD[:-3], "cut short: 3 bytes are missing"),
        (GOOD[:14], "cut short: 0 of 1 tracks"),
        (file_of(ONE_NOTE[:6]), "cut short: it ends within an event"),
        (file_of(END), "there are no notes in it$"),
        (file_of(bytes.fromhex("00 99 24 7f 30 89 24 00") + END), "there are no notes in it but 1 of drums"),
        (file_of(ONE_NOTE, kind=2), "MIDI format 2"),
        (file_of(ONE_NOTE, division=0xE728), "SMPTE"),
        (file_of(ONE_NOTE, division=0), "0 ticks"),
        (file_of(bytes.fromhex("00 3c 40") + END), "byte 0x3c where an event should begin"),
        (file_of(bytes.fromhex("00 f4 40") + END), "byte 0xf4 where an event should begin"),
        (file_of(bytes.fromhex("00 90 3c 40 00 ff 01 00 00 3c 40") + END), "byte 0x3c where an event"),
        (file_of(bytes.fromhex("00 90 3c c0") + END), "data byte 0xc0"),
        (file_of(bytes.fromhex("ff ff ff ff 7f 90 3c 40") + END), "more than four bytes"),
        (file_of(bytes.fromhex("00 ff 51 03 00 00 00") + END), "a tempo"),
    ],
)
def test_bad_bytes_are_told(data: bytes, message: str) -> None:
    with pytest.raises(BadMidiError, match=message):
        parse_midi(data)


@given(st.data())
def test_whatever_the_bytes_there_is_a_tune_or_one_kind_of_error(data: st.DataObject) -> None:
    spoilt = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(4, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    try:
        tune = parse_midi(bytes(spoilt))
    except BadMidiError:
        return
    assert tune.notes == playable(tune.notes)
    assert tune.beats_per_minute > 0


def test_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "short.mid"
    path.write_bytes(GOOD[:-3])
    with pytest.raises(BadMidiError, match=f"{path}: cut short"):
        read_midi(path)
    with pytest.raises(BadMidiError, match="nowhere.mid: cannot be read"):
        read_midi(tmp_path / "nowhere.mid")


def test_a_pitch_is_played_once_at_a_time() -> None:
    clash = [Note(0, 60, 10, 1), Note(4, 60, 10, 2), Note(4, 60, 3, 3), Note(0, 61, 20, 4)]
    assert playable(clash) == (Note(0, 60, 4, 1), Note(0, 61, 20, 4), Note(4, 60, 3, 3))


@given(notes(), st.integers(1, 24))
def test_a_grid_moves_notes_by_half_a_step_at_most(found: tuple[Note, ...], steps: int) -> None:
    tune = Tune(found, 480)
    moved = on_grid(tune, steps)
    assert moved.notes == playable(moved.notes)
    assert on_grid(moved, steps) == moved
    places = {(note.onset, note.pitch) for note in moved.notes}
    for note in found:
        # In whole numbers, for a note may lie in the very middle between two steps.
        near = [
            onset for onset, pitch in places if pitch == note.pitch and abs(480 * onset - note.onset * steps) <= 240
        ]
        assert near
