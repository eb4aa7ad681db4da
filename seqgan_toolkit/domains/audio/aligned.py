"""Frames and the samples they were made from, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.held import Sequences
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.sequences import SequenceBatch


class Clips(Protocol):
    """The waveforms of a split, in the order of its sequences."""

    def __getitem__(self, index: int) -> Waveform:
        """Return float32 [samples]."""
        ...


class AlignedClips:
    """The sequences of a split, each frame followed by the `hop` samples below it: steps of F + hop values.

    So a loader of sequences, its order, groups and slices by process serve waveforms too.

    Args:
        sequences: the frames.
        clips: their waveforms; n samples have ceil(n / hop) frames.
        hop: samples of a frame.
    """

    def __init__(self, sequences: Sequences, clips: Clips, hop: int) -> None:
        self._sequences, self._clips, self._hop = sequences, clips, hop

    def __len__(self) -> int:
        return len(self._sequences)

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """Int64 [N], or None without labels."""
        return self._sequences.labels

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Int64 [N], the number of frames of every clip."""
        return self._sequences.lengths

    def batch(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> SequenceBatch:
        """Gather clips [B, T, F + hop], padded with silence to the longest of them."""
        batch = self._sequences.batch(indices)
        samples = np.zeros((len(batch), batch.num_steps * self._hop), dtype=np.float32)
        for row, index in enumerate(indices):
            clip = self._clips[int(index)]
            samples[row, : len(clip)] = clip
        below = torch.from_numpy(samples).view(len(batch), batch.num_steps, self._hop)
        return SequenceBatch(torch.cat([batch.values, below], dim=-1), batch.lengths, batch.labels)


def cut(batch: SequenceBatch, num_frames: int, starts: torch.Tensor) -> SequenceBatch:
    """Cut a stretch out of every clip.

    Args:
        batch: clips [B, T, F + hop].
        num_frames: the length of a stretch S; shorter clips stay whole.
        starts: float [B] in [0, 1), where each begins among the places where it can.

    Returns:
        Stretches [B, S, F + hop]; what lies behind a clip's end has no meaning.
    """
    places = (batch.lengths - num_frames + 1).clamp(min=1)
    first = (starts * places).long()
    index = (first[:, None] + torch.arange(num_frames, device=first.device)).clamp(max=batch.num_steps - 1)
    values = batch.values.gather(1, index[..., None].expand(-1, -1, batch.values.shape[2]))
    return SequenceBatch(values, (batch.lengths - first).clamp(max=num_frames), batch.labels)
