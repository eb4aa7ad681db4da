"""A folder of sound files as a source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqgan_toolkit.data.source import SPLITS, RawItem, Split, split_of
from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.labels import name_of

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
FSDD_LABEL = r"^(?P<digit>\d)_(?P<speaker>[a-z]+)_"
FSDD_TEST = r"_[0-4]\.wav$"


@dataclass(frozen=True)
class _File:
    path: Path
    label: str | None


class AudioFolderSource:
    """The sound files in a folder and the folders below it, in the order of their names.

    Args:
        folder: where to look.
        label: `folder` (the name of the folder a file lies in), `none`, or a regular expression that is searched
            in the file's name and has a group `label`, or a group for each factor of the label.
        test_pattern: a regular expression; the files whose name it is found in are the test split. Without it the
            test split is chosen by a hash of the file's path inside the folder, as validation always is.
        valid_share: share of the files for validation.
        test_share: share of the files for the test split, where there is no `test_pattern`.

    Raises:
        UserError: the folder is missing or holds no sound files, a pattern is wrong, or does not match a file.
    """

    def __init__(
        self,
        folder: Path,
        *,
        label: str = "folder",
        test_pattern: str | None = None,
        valid_share: float = 0.05,
        test_share: float = 0.1,
    ) -> None:
        self.name = folder.name
        labeller = _Labeller(label)
        test = None if test_pattern is None else _compile(test_pattern)
        self._files: dict[Split, list[_File]] = {split: [] for split in SPLITS}
        for path in _sound_files(folder):
            if test is not None and test.search(path.name):
                split: Split = "test"
            else:
                key = path.relative_to(folder).as_posix()
                split = split_of(key, valid_share=valid_share, test_share=test_share, has_test=test is not None)
            self._files[split].append(_File(path, labeller(path)))

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the files of a split, not yet read: the value is the path."""
        for file in self._files[split]:
            yield RawItem(file.path, file.label, str(file.path))

    def size(self, split: Split) -> int:
        """Return the number of files of a split."""
        return len(self._files[split])


def fsdd_source(folder: Path, *, label: str = FSDD_LABEL, valid_share: float = 0.05) -> AudioFolderSource:
    """Return the Free Spoken Digit Dataset in `folder`, labelled by digit and speaker, with its official test split."""
    return AudioFolderSource(folder, label=label, test_pattern=FSDD_TEST, valid_share=valid_share)


class _Labeller:
    """Names the class of a file by its folder or its own name."""

    def __init__(self, label: str) -> None:
        self._kind = label
        self._pattern = None if label in ("folder", "none") else _compile(label)
        if self._pattern is not None and not self._pattern.groupindex:
            raise UserError(
                f"the label pattern '{label}' has no named group: write it like (?P<label>...), or with a group for "
                "each of several factors"
            )

    def __call__(self, path: Path) -> str | None:
        if self._pattern is None:
            return path.parent.name if self._kind == "folder" else None
        match = self._pattern.search(path.name)
        if match is None or None in match.groupdict().values():
            raise UserError(f"{path}: the label pattern '{self._kind}' does not match this file's name")
        return name_of(match.groupdict())


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UserError(
            f"'{pattern}' is not a regular expression ({error}); a label is 'folder', 'none' or an expression"
        ) from error


def _sound_files(folder: Path) -> list[Path]:
    if folder.is_file():
        raise UserError(f"{folder}: this is a file; give the folder of all sound files{read_elsewhere([folder])}")
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder of sound files")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not found:
        raise UserError(
            f"{folder}: no sound files: looked for {', '.join(SUFFIXES)}, found {_describe(files)}"
            f"{read_elsewhere(files)}"
        )
    return found


def _describe(files: list[Path]) -> str:
    """Say how many files of which suffix there are."""
    if not files:
        return "no files at all"
    counts = Counter(path.suffix.lower() or "(no suffix)" for path in files)
    return ", ".join(f"{count} {suffix}" for suffix, count in counts.most_common(5))
