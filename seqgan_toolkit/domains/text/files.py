"""The user's own sentences as a source: a file, a folder with official splits, or a folder of classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqgan_toolkit.console import say
from seqgan_toolkit.data.source import SPLITS, RawItem, Split, split_of
from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.domains.text.lines import LineReader, labelled_lines
from seqgan_toolkit.errors import UserError

PLAIN = (".txt", ".txt.gz", ".gz")
WITH_FIELDS = ((".jsonl", ".ndjson", ".jsonl.gz"), (".csv", ".tsv", ".csv.gz", ".tsv.gz"))
SUFFIXES = sorted((suffix for kind in (PLAIN, *WITH_FIELDS) for suffix in kind), key=len, reverse=True)
MOST_NAMED = 10
"""Of the files of a folder that are not read."""
NOT_TEXT = (".json", ".zip", ".xz", ".bz2", ".zst", ".parquet", ".pdf", ".doc", ".docx", ".wav", ".npy")


class TextFileSource:
    """Sentences from the user's path, one a line, streamed.

    The path may be a file (`.txt`, `.gz`, `.jsonl`, `.csv`), a folder with `train.txt` and `test.txt` (and
    `valid.txt`), whose splits are kept, or a folder with one such file for each class, whose names are the labels:
    those of plain text where there are any, so that a table beside them is no class; what is not read is said.
    What has no split of its own is split by a hash of the sentence (case and spacing aside), so that equal
    sentences of one file never cross splits. Blank lines come through as empty items, for whoever
    prepares them to count.
    """

    def __init__(
        self,
        path: Path,
        *,
        valid_share: float,
        test_share: float,
        field: str = "text",
        label_field: str | None = None,
        label_file: Path | None = None,
    ) -> None:
        """Look at what the path holds; no line is read yet.

        Args:
            path: a file or a folder.
            valid_share: share of the sentences held out for validation, where there is no `valid.txt`.
            test_share: share of the sentences held out for tests, where there is no `test.txt`.
            field: the field of a JSON line, or the column of a table, that holds the sentence.
            label_field: that which holds the label, or None.
            label_file: a file with the label of each line of `path`, which is one file then; or None.

        Raises:
            UserError: the path is not there, or holds nothing that can be read, or is a folder beside a label file.
        """
        self.name = str(path)
        self._shares: dict[Split, float] = {"valid": valid_share, "test": test_share}
        found = _find_files(path, with_fields=label_field is not None)
        if label_file is not None and path.is_dir():
            raise UserError(
                f"{label_file}: a label file stands beside one file of sentences, and {path} is a folder: give one "
                "file for each class in it, or .jsonl files and a label_field"
            )
        labels = None if label_file is None else LineReader(label_file)
        self._official = {place.split for place in found if place.split is not None}
        self._files = [
            _SplitFile(LineReader(place.path, field, label_field), labels, place, self._assign) for place in found
        ]

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the sentences of one split.

        Raises:
            UserError: a line cannot be read, or a split that was asked for holds no sentence.
        """
        for file in self._files:
            yield from file.items(split)
        self._check_sizes()

    def size(self, split: Split) -> int | None:
        """Return the number of items, which is known once the source has been read through."""
        total = 0
        for file in self._files:
            if file.codes is None:
                return None
            total += file.codes.count(SPLITS.index(split))
        return total

    def _assign(self, sentence: str) -> Split:
        """Return the split of a sentence from a file that has no split of its own."""
        return split_of(
            " ".join(sentence.lower().split()),
            valid_share=0.0 if "valid" in self._official else self._shares["valid"],
            test_share=self._shares["test"],
            has_test="test" in self._official,
        )

    def _check_sizes(self) -> None:
        counts: Counter[Split] = sum((file.sentences for file in self._files), Counter())
        total = counts.total()
        if total == 0:
            raise UserError(f"{self.name}: no sentence in it: it must hold one sentence a line")
        if total == 1:
            raise UserError(f"{self.name}: only one sentence in it: it must hold many, one a line")
        hint = "give more sentences or other shares"
        if len(set().union(*(file.some for file in self._files))) == 1:
            hint = "all are the same one; data.valid_share=0 data.test_share=0 trains on it all the same"
        for split in SPLITS:
            if counts[split] or (split not in self._official and self._shares.get(split) == 0.0):
                continue
            share = (
                "" if split == "train" or split in self._official else f" ({split}_share is {self._shares[split]:g})"
            )
            raise UserError(f"{self.name}: none of its {total} sentences falls to the {split} split{share}: {hint}")


@dataclass(frozen=True)
class _Place:
    """A file that holds sentences, with the split and the label that its name tells."""

    path: Path
    split: Split | None = None
    label: str | None = None


class _SplitFile:
    """One file, and the split of each of its lines once it has been read (one byte a line)."""

    def __init__(
        self, reader: LineReader, labels: LineReader | None, place: _Place, assign: Callable[[str], Split]
    ) -> None:
        self.reader = reader
        self.labels = labels
        self.place = place
        self.assign = assign
        self.where = f"{reader.path}:"
        self.codes: bytes | None = None
        self.sentences: Counter[Split] = Counter()
        self.some: set[str] = set()

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the items of one split; the first full reading looks at every line and notes its split."""
        return self._first_reading(split) if self.codes is None else self._another_reading(split, self.codes)

    def _first_reading(self, split: Split) -> Iterator[RawItem]:
        codes, sentences = bytearray(), Counter[Split]()
        for number, (line, label) in enumerate(labelled_lines(self.reader, self.labels), start=self.reader.first):
            item = self._item(line, label, number)
            found = self.place.split or self.assign(item.value)
            codes.append(SPLITS.index(found))
            sentences[found] += bool(item.value)
            if item.value and len(self.some) < 2:
                self.some.add(item.value)
            if found == split:
                yield item
        self.codes, self.sentences = bytes(codes), sentences

    def _another_reading(self, split: Split, codes: bytes) -> Iterator[RawItem]:
        wanted = SPLITS.index(split)
        pairs = zip(labelled_lines(self.reader, self.labels), codes, strict=False)
        for number, ((line, label), code) in enumerate(pairs, start=self.reader.first):
            if code == wanted:
                yield self._item(line, label, number)

    def _item(self, line: bytes, label: bytes | None, number: int) -> RawItem:
        sentence, found = self.reader.parse(line, number)
        if label is not None and self.labels is not None:
            found, _ = self.labels.parse(label, number)
            if sentence and not found:
                raise UserError(f"{self.labels.path}:{number}: no label for the sentence at {self.where}{number}")
        return RawItem(sentence, self.place.label if found is None else found, self.where + str(number))


def _find_files(path: Path, *, with_fields: bool) -> list[_Place]:
    if path.is_file():
        _refuse_other_kinds(path)
        return [_Place(path)]
    if not path.is_dir():
        raise UserError(f"{path}: no such file or folder; give a .txt, .gz, .jsonl or .csv file, or a folder of them")
    there = sorted(file for file in path.iterdir() if file.name[0] != ".")
    by_suffix = [(_suffix(file), file) for file in there if file.is_file()]
    # All classes are files of one kind. Labels in a field cannot come from plain text, which is the first otherwise.
    order = (*WITH_FIELDS, PLAIN) if with_fields else (PLAIN, *WITH_FIELDS)
    kinds = [found for kind in order if (found := _by_stem(by_suffix, kind))]
    if not kinds:
        raise UserError(f"{path}: this folder holds no .txt, .gz, .jsonl or .csv file{read_elsewhere(path.rglob('*'))}")
    every = {stem: file for by_stem in reversed(kinds) for stem, file in by_stem.items()}
    if "train" in every:
        places = [_Place(every[split], split=_official_split(split, every)) for split in SPLITS if split in every]
    else:
        places = [_Place(file, label=stem) for stem, file in kinds[0].items()]
    _say_what_is_not_read(path, there, places)
    return places


def _by_stem(by_suffix: list[tuple[str, Path]], kind: Sequence[str]) -> dict[str, Path]:
    """Return the files of a kind by what their names say; of two with one name the one that is not packed."""
    by_stem: dict[str, Path] = {}
    for suffix, file in by_suffix:
        if suffix in kind:
            by_stem.setdefault(file.name.removesuffix(suffix), file)
    return by_stem


def _say_what_is_not_read(path: Path, there: list[Path], places: list[_Place]) -> None:
    read = {place.path for place in places}
    unread = [file.name + ("/" if file.is_dir() else "") for file in there if file not in read]
    if unread:
        more = f" and {len(unread) - MOST_NAMED} more" if len(unread) > MOST_NAMED else ""
        say(f"{path}: {_read(places)}; not read: {', '.join(unread[:MOST_NAMED])}{more}")


def _read(places: list[_Place]) -> str:
    names = ", ".join(place.path.name for place in places[:MOST_NAMED])
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    return f"the {'classes' if places[0].label else 'splits'} are {names}{more}"


def _official_split(split: Split, by_stem: dict[str, Path]) -> Split | None:
    """Keep the split of a file; but what has no file of its own is held out from the training file."""
    return split if split != "train" or {"valid", "test"} <= by_stem.keys() else None


def _suffix(file: Path) -> str:
    """Return the suffix by which a file is taken for sentences, or nothing."""
    return next((suffix for suffix in SUFFIXES if file.name.endswith(suffix)), "")


def _refuse_other_kinds(path: Path) -> None:
    if path.suffix.lower() in NOT_TEXT:
        raise UserError(
            f"{path}: '{path.suffix}' is not a text format that can be read: "
            f"give a .txt, .gz, .jsonl or .csv file with one sentence a line{read_elsewhere([path])}"
        )
    if path.stat().st_size == 0:
        raise UserError(f"{path}: the file is empty: it must hold one sentence a line")
