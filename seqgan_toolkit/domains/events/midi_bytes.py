"""The bytes of a MIDI file, and what is said of bad ones."""

from __future__ import annotations

from seqgan_toolkit.errors import UserError


class BadMidiError(UserError):
    """A file that is no MIDI file, is damaged, or has no notes; with `skip_bad` it is left out."""


class MidiBytes:
    """Bytes that are read from front to back; what is missing is a `BadMidiError`."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    @property
    def at_end(self) -> bool:
        """Whether all have been read."""
        return self._place >= len(self._data)

    def peek(self, count: int) -> bytes:
        """Return the next bytes, fewer where there are no more, without reading them."""
        return self._data[self._place : self._place + count]

    def take(self, count: int) -> bytes:
        """Read the next bytes."""
        taken = self.peek(count)
        if len(taken) < count:
            raise BadMidiError("cut short: it ends within an event or a header")
        self._place += count
        return taken

    def number(self, count: int) -> int:
        """Read a number of so many bytes, the highest first."""
        return int.from_bytes(self.take(count), "big")

    def variable_number(self) -> int:
        """Read a number of seven bits a byte, the highest first; all bytes but the last have the eighth bit."""
        value = 0
        for _ in range(4):
            byte = self.number(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise BadMidiError("damaged: a number of more than four bytes")

    def chunk(self) -> MidiBytes:
        """Read a chunk and return what it holds: a name of four bytes, its length, and so many bytes."""
        self.take(4)
        length = self.number(4)
        if len(self._data) - self._place < length:
            raise BadMidiError(f"cut short: {length - len(self._data) + self._place} bytes are missing")
        return MidiBytes(self.take(length))
