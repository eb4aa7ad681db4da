"""The tunes of a source, bad files told or left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqgan_toolkit.console import say, track
from seqgan_toolkit.data.source import RawItem, Source, Split
from seqgan_toolkit.domains.events.midi_bytes import BadMidiError
from seqgan_toolkit.domains.events.midi_reading import read_midi
from seqgan_toolkit.domains.events.notes import Tune
from seqgan_toolkit.errors import UserError


class TuneReader:
    """Reads a source as often as wanted, and names a file that it leaves out once.

    Attributes:
        skipped: what is wrong with each file that was left out, by where it is.
    """

    def __init__(self, source: Source, *, skip_bad: bool) -> None:
        self._source = source
        self._skip_bad = skip_bad
        self.skipped: dict[str, str] = {}

    def tunes(self, split: Split, doing: str) -> Iterator[tuple[Tune, RawItem]]:
        """Yield the tunes of a split with the items that they come from.

        Raises:
            UserError: a file cannot be used, and such files are not to be left out.
        """
        size = self._source.size(split)
        for item in track(self._source.items(split), f"{doing} {self._source.name} ({split})", size):
            if item.where in self.skipped:
                continue
            try:
                tune = item.value if isinstance(item.value, Tune) else read_midi(Path(item.value))
            except BadMidiError as error:
                if not self._skip_bad:
                    raise UserError(f"{error}; data.skip_bad=true leaves such files out") from error
                say(f"left out: {error}")
                self.skipped[item.where] = str(error)
            else:
                yield tune, item
