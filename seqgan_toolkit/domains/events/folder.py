"""A folder of MIDI files as a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqgan_toolkit.data.source import RawItem, Split, split_of
from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.errors import UserError

SUFFIXES = (".mid", ".midi")


class MidiFolderSource:
    """Every MIDI file under a folder; the folder that a file lies in names its class.

    Args:
        folder: where to look.
        valid_share: share of the files for validation.
        test_share: share of the files for the test split.

    Raises:
        UserError: the folder is missing or holds no MIDI file.
    """

    def __init__(self, folder: Path, *, valid_share: float, test_share: float) -> None:
        self.name = folder.name
        self._folder = folder
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder of MIDI files (the built-in source is 'melodies')")
        paths = [path for path in sorted(folder.rglob("*")) if _is_midi(path)]
        if not paths:
            raise UserError(
                f"{folder}: no MIDI files: looked for {' and '.join(SUFFIXES)} in it and below"
                f"{read_elsewhere(folder.rglob('*'))}"
            )
        self._splits = {
            path: split_of(path.relative_to(folder).as_posix(), valid_share=valid_share, test_share=test_share)
            for path in paths
        }

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the files of a split, not yet read: the value is the path."""
        for path, chosen in self._splits.items():
            if chosen == split:
                yield RawItem(path, None if path.parent == self._folder else path.parent.name, str(path))

    def size(self, split: Split) -> int:
        """Return the number of files of a split."""
        return list(self._splits.values()).count(split)


def _is_midi(path: Path) -> bool:
    # A name that begins with a dot is another program's note beside a file, as macOS leaves them.
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
