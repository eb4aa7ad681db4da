"""Tunes to standard MIDI files: format 0, one channel, one tempo."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.domains.events.midi_reading import META, NOTE_OFF, NOTE_ON, SET_TEMPO
from seqgan_toolkit.domains.events.notes import Tune
from seqgan_toolkit.files import atomic_path

END_OF_TRACK = bytes([0, META, 0x2F, 0])
RELEASE_VELOCITY = 64
"""What is written for keys whose release nobody has measured."""


def write_midi(tune: Tune, path: Path) -> None:
    """Write a tune; `read_midi` gives the same notes back."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(midi_bytes(tune))


def midi_bytes(tune: Tune) -> bytes:
    """Return the file that holds a tune."""
    tempo = round(60e6 / tune.beats_per_minute)
    track = bytearray([0, META, SET_TEMPO, 3, *tempo.to_bytes(3, "big")])
    last = 0
    for tick, message in _messages(tune):
        track += _variable_number(tick - last) + message
        last = tick
    track += END_OF_TRACK
    header = b"".join(number.to_bytes(2, "big") for number in (0, 1, tune.ticks_per_beat))
    return _chunk(b"MThd", header) + _chunk(b"MTrk", bytes(track))


def _messages(tune: Tune) -> list[tuple[int, bytes]]:
    """Return what happens at which tick; at one tick notes end before others begin."""
    ends = [(note.end, bytes([NOTE_OFF << 4, note.pitch, RELEASE_VELOCITY])) for note in tune.notes]
    begins = [(note.onset, bytes([NOTE_ON << 4, note.pitch, note.velocity])) for note in tune.notes]
    return sorted([*ends, *begins], key=lambda message: (message[0], message[1][0]))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "big") + content


def _variable_number(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
