"""The sound behind the frames: the waveforms of every split, beside its sequences in the corpus.

`SPLIT.clips.bin` holds the samples of a split end to end, int16, and `SPLIT.clip_offsets.npy` [N + 1] where each clip
begins.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.errors import UserError

FULL_SCALE = 2**15
"""The whole number that stands for 1; what a 16-bit file holds comes back exactly."""


class ClipStore:
    """The waveforms of one split, read from disk as they are asked for.

    Clip `index` is the sound, mono, resampled, trimmed and cut, whose frames are sequence `index` of the split.

    Args:
        directory: a corpus of sounds.
        split: which of its splits.

    Raises:
        UserError: the corpus keeps no waveforms.
    """

    def __init__(self, directory: Path, split: Split) -> None:
        offsets = _offsets_file(directory, split)
        if not offsets.is_file():
            raise UserError(
                f"{directory} keeps no waveforms: it was prepared by an older version, or is none of sounds; "
                "prepare it again in a new run directory"
            )
        self._offsets: npt.NDArray[np.int64] = np.load(offsets)
        total = int(self._offsets[-1])
        path = _samples_file(directory, split)
        self._samples: npt.NDArray[np.int16] = (
            np.memmap(path, dtype=np.int16, mode="r", shape=(total,)) if total else np.zeros(0, np.int16)
        )

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> Waveform:
        """Return a waveform, float32 [samples] in [-1, 1]."""
        if not 0 <= index < len(self):
            raise IndexError(f"clip {index} of {len(self)}")
        samples = self._samples[self._offsets[index] : self._offsets[index + 1]]
        return samples.astype(np.float32) / np.float32(FULL_SCALE)


class ClipWriter:
    """Writes the waveforms of all splits, two bytes a sample; as a context it closes its files whatever happens."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[Split, BinaryIO] = {
            split: open(_samples_file(directory, split), "wb")  # noqa: SIM115
            for split in SPLITS
        }
        self._lengths: dict[Split, array[int]] = {split: array("i") for split in SPLITS}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, split: Split, waveform: Waveform) -> None:
        """Append one waveform, float32 [samples] in [-1, 1]."""
        whole = np.rint(waveform * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1)
        self._files[split].write(whole.astype(np.int16).tobytes())
        self._lengths[split].append(len(waveform))

    def move_to(self, corpus: Path) -> None:
        """Finish the files and move them into a corpus, on the same disk."""
        for split, file in self._files.items():
            file.close()
            np.save(_offsets_file(corpus, split), np.cumsum([0, *self._lengths[split]], dtype=np.int64))
            _samples_file(self._directory, split).replace(_samples_file(corpus, split))


def move_clips(corpus: Path, to: Path) -> None:
    """Move the waveforms of a corpus into another one, on the same disk."""
    for split in SPLITS:
        for file in (_samples_file, _offsets_file):
            file(corpus, split).replace(file(to, split))


def _samples_file(directory: Path, split: Split) -> Path:
    return directory / f"{split}.clips.bin"


def _offsets_file(directory: Path, split: Split) -> Path:
    return directory / f"{split}.clip_offsets.npy"
