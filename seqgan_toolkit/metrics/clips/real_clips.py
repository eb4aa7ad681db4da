"""The real clips that generated ones are judged beside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.audio.clips import ClipStore
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.labels import Factors
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.clips.analysis import VERSION, ClipAnalysis
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.metrics.frechet import frechet_measurement
from seqgan_toolkit.metrics.real_data import FINGERPRINT_SEQUENCES, part_of, reference_split
from seqgan_toolkit.sequences import SequenceBatch

MOST_TRAINING = 5000
"""Training clips that are analysed, so that memory is bounded."""


class ClipSelection(Sequence[Waveform]):
    """Some clips of a split, read as they are asked for.

    Args:
        store: the clips.
        indices: int64 [N], which of them.
    """

    def __init__(self, store: ClipStore, indices: npt.NDArray[np.int64]) -> None:
        self._store, self._indices = store, indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Waveform: ...
    @overload
    def __getitem__(self, index: slice) -> ClipSelection: ...
    def __getitem__(self, index: int | slice) -> Waveform | ClipSelection:
        """Return a clip, or some of the clips."""
        if isinstance(index, slice):
            return ClipSelection(self._store, self._indices[index])
        return self._store[int(self._indices[index])]

    def __iter__(self) -> Iterator[Waveform]:
        return (self._store[index] for index in self._indices.tolist())


@dataclass(frozen=True)
class RealClips:
    """The clips of a corpus, analysed.

    Attributes:
        analysis: what turns waveforms into frames.
        training_clips: waveforms of the training split.
        training: their frames and labels.
        held_out_clips: waveforms of the split that stands for unseen ones.
        held_out: their frames and labels.
        split: its name.
        label_names: the names behind the labels.
    """

    analysis: ClipAnalysis
    training_clips: Sequence[Waveform]
    training: SequenceBatch
    held_out_clips: Sequence[Waveform]
    held_out: SequenceBatch
    split: Split
    label_names: tuple[str, ...]

    @classmethod
    def of(cls, corpus: Corpus, sample_rate: int) -> Self:
        """Read and analyse the clips of a corpus of sounds at `sample_rate` Hz."""
        split = reference_split(corpus)
        training = part_of(np.arange(len(corpus.splits["train"])), MOST_TRAINING)
        held_out = np.arange(len(corpus.splits[split]))
        clips = ClipSelection(ClipStore(corpus.directory, "train"), training)
        others = ClipSelection(ClipStore(corpus.directory, split), held_out)
        analysis = ClipAnalysis(sample_rate, clips)
        return cls(
            analysis,
            clips,
            analysis(clips, _labels(corpus, "train", training)),
            others,
            analysis(others, _labels(corpus, split, held_out)),
            split,
            corpus.label_names,
        )

    @property
    def factors(self) -> Factors:
        """What the names of the labels say."""
        return Factors.of(self.label_names)

    def label_shares(self) -> torch.Tensor:
        """Return how often each label comes in the training clips, float64 [V]."""
        assert self.training.labels is not None
        return torch.bincount(self.training.labels, minlength=len(self.label_names)).double() / len(self.training)

    def fixed(self, batch: SequenceBatch) -> torch.Tensor:
        """Return frames [N, T, F] padded or cut to the longest training clip."""
        return fixed_steps(batch, self.training.num_steps, self.analysis.space.low)

    def frechet(self, features: torch.Tensor, held_out: torch.Tensor, version: int) -> Measurement:
        """Return the Fréchet distance of features of clips, no more than training has, to those of held-out ones.

        So the figure of training clips themselves is the floor of all samples that are as many or more.
        """
        some = part_of(features, len(self.training)).double().numpy()
        return frechet_measurement(some, held_out.double().numpy(), version=version, split=self.split)

    def fingerprint(self, recipe_version: int) -> str:
        """Return a hash of a recipe's version and of these clips: all lengths and labels, and the sound of some."""
        digest = hashlib.sha256(repr((recipe_version, VERSION, self.analysis.spec, self.label_names)).encode())
        for clips, frames in ((self.training_clips, self.training), (self.held_out_clips, self.held_out)):
            digest.update(frames.lengths.numpy().tobytes())
            digest.update(b"" if frames.labels is None else frames.labels.numpy().tobytes())
            for index in np.linspace(0, len(clips) - 1, min(len(clips), FINGERPRINT_SEQUENCES)).astype(np.int64):
                digest.update(clips[index].tobytes())
        return digest.hexdigest()[:20]


def _labels(corpus: Corpus, split: Split, indices: npt.NDArray[np.int64]) -> torch.Tensor | None:
    labels = corpus.splits[split].labels
    return None if labels is None else torch.from_numpy(labels[indices])
