"""The corpus on disk: the sequences of every split as flat, memory-mapped arrays.

A corpus is a directory with `corpus.json` (space, labels, the domain's state) and for each split
`SPLIT.values.bin` (all steps end to end), `SPLIT.offsets.npy` [N + 1] and `SPLIT.labels.npy` [N] ([0] without labels).
"""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.sequences import (
    FrameSpace,
    SequenceBatch,
    SequenceSpace,
    TokenSpace,
    space_from_dict,
    space_to_dict,
)

FORMAT = 1


def step_dtype(space: SequenceSpace) -> np.dtype[Any]:
    """Return the type in which one value of a step is stored: the smallest that holds the space."""
    if isinstance(space, FrameSpace):
        return np.dtype(np.float32)
    return np.dtype(np.uint16 if space.size <= 2**16 else np.uint32)


class SequenceStore:
    """The sequences of one split, read from disk as they are asked for."""

    def __init__(self, directory: Path, split: Split, space: SequenceSpace) -> None:
        self.space = space
        self.offsets: npt.NDArray[np.int64] = np.load(directory / f"{split}.offsets.npy")
        labels = np.load(directory / f"{split}.labels.npy")
        self.labels: npt.NDArray[np.int64] | None = labels if len(labels) and labels[0] >= 0 else None
        shape = (int(self.offsets[-1]), space.dim) if isinstance(space, FrameSpace) else (int(self.offsets[-1]),)
        path = directory / f"{split}.values.bin"
        dtype = step_dtype(space)
        self.values: npt.NDArray[Any] = (
            np.memmap(path, dtype=dtype, mode="r", shape=shape) if shape[0] else np.zeros(shape, dtype)
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Int64 [N], the number of steps of every sequence."""
        return np.diff(self.offsets)

    def batch(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> SequenceBatch:
        """Gather sequences into a batch, padded to the longest of them."""
        chosen = np.asarray(indices, dtype=np.int64)
        starts = self.offsets[chosen]
        lengths = self.offsets[chosen + 1] - starts
        steps = np.arange(int(lengths.max()))
        inside = steps < lengths[:, None]
        positions = np.where(inside, starts[:, None] + steps, 0)
        gathered = self.values[positions]
        if isinstance(self.space, TokenSpace):
            values = np.where(inside, gathered.astype(np.int64), self.space.pad)
        else:
            values = np.where(inside[..., None], gathered, np.float32(self.space.low))
        labels = None if self.labels is None else torch.from_numpy(self.labels[chosen])
        return SequenceBatch(torch.from_numpy(values), torch.from_numpy(lengths), labels)

    def token_counts(self) -> torch.Tensor:
        """Return float64 [V], how often each token type comes in the split, counted in pieces of bounded memory."""
        assert isinstance(self.space, TokenSpace)
        counts = np.zeros(self.space.size, dtype=np.int64)
        for first in range(0, len(self.values), 1 << 22):
            counts += np.bincount(self.values[first : first + (1 << 22)], minlength=self.space.size)
        return torch.from_numpy(counts).double()

    def head(self, count: int) -> SequenceBatch:
        """Gather the first `count` sequences (fewer where the split is smaller)."""
        return self.batch(np.arange(min(count, len(self))))

    def emptied(self) -> SequenceStore:
        """Return a store of the same space without a sequence."""
        empty = copy(self)
        empty.offsets, empty.values, empty.labels = self.offsets[:1], self.values[:0], None
        return empty


class Corpus:
    """A prepared data set: one `SequenceStore` for each split, and the state of the domain that made it."""

    def __init__(self, directory: Path) -> None:
        description = read_json(directory / "corpus.json")
        if description["format"] != FORMAT:
            raise UserError(
                f"{directory}: corpus format {description['format']}, but this version reads {FORMAT}: prepare it again"
            )
        self.directory = directory
        self.space: SequenceSpace = space_from_dict(description["space"])
        self.label_names: tuple[str, ...] = tuple(description["label_names"])
        self.domain_state: dict[str, Any] = description["domain"]
        self.notes: dict[str, Any] = description["notes"]
        self.splits: dict[Split, SequenceStore] = {
            split: SequenceStore(directory, split, self.space) for split in SPLITS
        }

    @staticmethod
    def exists(directory: Path) -> bool:
        """Tell whether `directory` holds a finished corpus."""
        return (directory / "corpus.json").is_file()

    def without(self, split: Split) -> Corpus:
        """Return the same corpus with a split left empty, so that nothing can be read from it."""
        other = copy(self)
        other.splits = {**self.splits, split: self.splits[split].emptied()}
        return other

    @property
    def max_length(self) -> int:
        """The longest sequence of the training split, in steps."""
        return int(self.splits["train"].lengths.max())


class CorpusWriter:
    """Writes a corpus sequence by sequence, so that memory does not grow with the data.

    `corpus.json` is written last: a directory without it is unfinished, and is emptied by the next writer.
    As a context it closes its files whatever happens.
    """

    def __init__(self, directory: Path, space: SequenceSpace) -> None:
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        self.directory = directory
        self.space = space
        self._dtype = step_dtype(space)
        self._files: dict[Split, BinaryIO] = {
            split: open(directory / f"{split}.values.bin", "wb")  # noqa: SIM115
            for split in SPLITS
        }
        # Four bytes each, not a list's forty: a gigabyte of text has twenty million sentences.
        self._lengths: dict[Split, array[int]] = {split: array("i") for split in SPLITS}
        self._labels: dict[Split, array[int]] = {split: array("i") for split in SPLITS}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files, also where preparing ended in an error; only `close` finishes a corpus."""
        for file in self._files.values():
            file.close()

    def add(self, split: Split, values: npt.NDArray[Any], label: int | None = None) -> None:
        """Append one sequence: tokens [T] or frames [T, F]; `label` is an index into the label names."""
        self._files[split].write(np.ascontiguousarray(values, dtype=self._dtype).tobytes())
        self._lengths[split].append(len(values))
        if label is not None and label >= 0:
            self._labels[split].append(label)

    def add_many(
        self, split: Split, values: npt.NDArray[Any], lengths: Sequence[int], labels: Sequence[int] | None = None
    ) -> None:
        """Append many sequences at once.

        Args:
            split: where they go.
            values: all their steps end to end: tokens [sum of lengths] or frames [sum of lengths, F].
            lengths: the number of steps of each.
            labels: for each its index into the label names, or -1.
        """
        self._files[split].write(np.ascontiguousarray(values, dtype=self._dtype).tobytes())
        self._lengths[split].extend(lengths)
        if labels is not None:
            self._labels[split].extend(label for label in labels if label >= 0)

    def close(
        self, *, domain: Mapping[str, Any], label_names: Sequence[str] = (), notes: Mapping[str, Any] | None = None
    ) -> Corpus:
        """Finish the corpus.

        Args:
            domain: the domain's state, as plain data: what `from_state` needs to rebuild it.
            label_names: the names behind the label indices.
            notes: what a reader should know of the preparation (counts, what was cut or skipped).

        Raises:
            UserError: the training split has fewer than two sequences.
        """
        for file in self._files.values():
            file.close()
        num_train = len(self._lengths["train"])
        if num_train < 2:
            raise UserError(f"the data give {num_train} training sequence(s), and training needs at least 2")
        for split in SPLITS:
            self._save_index(split)
        write_json(
            self.directory / "corpus.json",
            {
                "format": FORMAT,
                "space": space_to_dict(self.space),
                "label_names": list(label_names),
                "notes": dict(notes or {}),
                "domain": dict(domain),
            },
        )
        return Corpus(self.directory)

    def _save_index(self, split: Split) -> None:
        # In place, and let go of at once: these arrays are the writer's only memory that grows with the data.
        labels, lengths = self._labels.pop(split), self._lengths.pop(split)
        known = np.asarray(labels if len(labels) == len(lengths) else [], dtype=np.int64)
        np.save(self.directory / f"{split}.labels.npy", known)
        del labels, known
        offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
        offsets[1:] = lengths
        np.cumsum(offsets, out=offsets)
        np.save(self.directory / f"{split}.offsets.npy", offsets)
