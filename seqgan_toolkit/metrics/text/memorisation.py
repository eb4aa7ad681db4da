"""How much of a sample was learnt by heart: whole training sentences, and the longest run of tokens out of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from seqgan_toolkit.metrics.base import WARNING, Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.captions import sentences_of
from seqgan_toolkit.metrics.text.ngrams import FlatSentences, longest_common_runs

VERSION = 1
SUSPECT = 0.5
"""The share of copies above which a sample is called learnt by heart, if held-out sentences have not half as many."""


class MemorisationPanel:
    """`training_copies` and `longest_copied_span`, on token ids without start, end and padding.

    Real sentences share runs with others too; the notes say what held-out sentences have.
    """

    def __init__(self, training: Sequence[tuple[int, ...]], held_out: Sequence[tuple[int, ...]]) -> None:
        """Take the words of the sentences of the training split and of held-out ones."""
        self._whole = set(training)
        self._flat = FlatSentences.of(training)
        self._real = {name: figure.value for name, figure in self._measure(held_out).items()} if held_out else {}

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure sentences, tokens int64 [N, T]."""
        figures = self._measure(sentences_of(sample.batch))
        if not self._real:
            return figures
        notes = {name: f"held-out sentences have {real:.4g}" for name, real in self._real.items()}
        copies = figures["training_copies"].value or 0.0
        if copies > max(SUSPECT, 2 * (self._real["training_copies"] or 0.0)):
            by_heart = f"{WARNING}{copies:.0%} are training sentences word for word: learnt by heart"
            notes["training_copies"] = f"{by_heart}; {notes['training_copies']}"
        return {name: replace(figure, note=notes[name]) for name, figure in figures.items()}

    def _measure(self, sentences: Sequence[tuple[int, ...]]) -> dict[str, Measurement]:
        copies = sum(sentence in self._whole for sentence in sentences)
        spans = torch.from_numpy(longest_common_runs(FlatSentences.of(sentences), self._flat)).double()
        return {
            "training_copies": share(copies, len(sentences), version=VERSION, higher_is_better=None),
            "longest_copied_span": mean_with_interval(spans, version=VERSION, higher_is_better=None),
        }
