"""Standard MIDI files, formats 0 and 1, to tunes.

The format is that of "Standard MIDI Files 1.0" (MIDI Manufacturers Association, 1988).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from seqgan_toolkit.domains.events.midi_bytes import BadMidiError, MidiBytes
from seqgan_toolkit.domains.events.notes import Note, Tune, playable

PERCUSSION = 9
"""The channel whose notes are drums and have no pitch; musicians call it 10."""
DEFAULT_TEMPO = 500_000
"""Microseconds of a beat where a file says nothing."""
NOTE_OFF, NOTE_ON, SYSEX, SYSEX_END, META = 0x8, 0x9, 0xF0, 0xF7, 0xFF
SET_TEMPO = 0x51
ONE_DATA_BYTE = (0xC, 0xD)
"""Program change and channel pressure; all other channel messages have two data bytes."""


def read_midi(path: Path) -> Tune:
    """Read the notes of a file, all channels together; drums are left out.

    Raises:
        BadMidiError: with the path and what is wrong.
    """
    try:
        return parse_midi(path.read_bytes())
    except OSError as error:
        raise BadMidiError(f"{path}: cannot be read ({error.strerror})") from error
    except BadMidiError as error:
        raise BadMidiError(f"{path}: {error}") from error


def parse_midi(data: bytes) -> Tune:
    """Return the tune that the bytes of a file hold.

    Raises:
        BadMidiError: what is wrong, without the name of a file.
    """
    file = MidiBytes(data)
    if data[:4] != b"MThd":
        raise BadMidiError("not a MIDI file: it does not begin with 'MThd'")
    header = file.chunk()
    kind, num_tracks, ticks_per_beat = (header.number(2) for _ in range(3))
    if kind not in (0, 1):
        raise BadMidiError(f"MIDI format {kind}, whose tracks are separate songs: save it as format 0 or 1")
    if ticks_per_beat & 0x8000:
        raise BadMidiError("its times are SMPTE frames and not beats: save it with ticks in a quarter note")
    if ticks_per_beat == 0:
        raise BadMidiError("its header says 0 ticks in a quarter note")
    found = _Track()
    tracks_read = 0
    while tracks_read < num_tracks:
        if file.at_end:
            raise BadMidiError(f"cut short: {tracks_read} of {num_tracks} tracks")
        is_track = file.peek(4) == b"MTrk"
        chunk = file.chunk()
        if is_track:  # chunks of other kinds are to be skipped
            _read_track(chunk, found)
            tracks_read += 1
    return _tune(found, ticks_per_beat)


def _tune(found: _Track, ticks_per_beat: int) -> Tune:
    if not found.notes:
        drums = f" but {found.num_drums} of drums, which have no pitch" if found.num_drums else ""
        raise BadMidiError(f"there are no notes in it{drums}")
    notes = playable(found.notes)
    end = max(note.end for note in notes)
    return Tune(notes, ticks_per_beat, 60e6 / _mean_tempo(found.tempos, end))


def _mean_tempo(tempos: list[tuple[int, int]], end: int) -> float:
    """Return the mean microseconds of a beat from the beginning to tick `end`."""
    changes = [(0, DEFAULT_TEMPO), *sorted(tempos, key=lambda change: change[0]), (end, 0)]
    total = 0.0
    for (tick, tempo), (following, _) in zip(changes, changes[1:], strict=False):
        total += tempo * max(0, min(following, end) - min(tick, end))
    return total / end


@dataclass
class _Track:
    """What has been read so far.

    Attributes:
        notes: in ticks.
        tempos: from which tick on a beat lasts how many microseconds.
        num_drums: notes of drums.
    """

    notes: list[Note] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    num_drums: int = 0


def _read_track(track: MidiBytes, found: _Track) -> None:
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    tick = status = 0
    while not track.at_end:
        tick += track.variable_number()
        if track.peek(1)[:1] >= b"\x80":
            status = track.number(1)
        if status == META:
            _read_meta(track, tick, found)
        elif status in (SYSEX, SYSEX_END):
            track.take(track.variable_number())
        elif 0x80 <= status < SYSEX:
            _read_channel_message(track, status, tick, sounding, found)
            continue
        else:
            raise BadMidiError(f"damaged: byte {status or track.number(1):#04x} where an event should begin")
        status = 0  # no event may lean on the status of these
    for key, (onset, velocity) in sounding.items():
        _end_note(key, onset, velocity, tick, found)


def _read_meta(track: MidiBytes, tick: int, found: _Track) -> None:
    kind = track.number(1)
    data = track.take(track.variable_number())
    if kind == SET_TEMPO:
        tempo = int.from_bytes(data, "big")
        if len(data) != 3 or not tempo:
            raise BadMidiError("damaged: a tempo that is no number of three bytes above 0")
        found.tempos.append((tick, tempo))


def _read_channel_message(
    track: MidiBytes, status: int, tick: int, sounding: dict[tuple[int, int], tuple[int, int]], found: _Track
) -> None:
    message, channel = status >> 4, status & 0xF
    data = track.take(1 if message in ONE_DATA_BYTE else 2)
    if max(data) >= 0x80:
        raise BadMidiError(f"damaged: data byte {max(data):#04x} above 0x7f")
    if message not in (NOTE_ON, NOTE_OFF):
        return
    key = (channel, data[0])
    if key in sounding:  # a key that is struck again ends the note that it had begun
        _end_note(key, *sounding.pop(key), tick, found)
    if message == NOTE_ON and data[1]:  # a velocity of 0 is a way to write the end of a note
        sounding[key] = (tick, data[1])


def _end_note(key: tuple[int, int], onset: int, velocity: int, tick: int, found: _Track) -> None:
    channel, pitch = key
    if channel == PERCUSSION:
        found.num_drums += 1
    else:
        found.notes.append(Note(onset, pitch, max(1, tick - onset), velocity))
