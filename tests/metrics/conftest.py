"""Samples of sentences given as lists of token ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch

from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import END, PAD, SequenceBatch


@pytest.fixture(scope="session")
def sample_of() -> Callable[..., Sample]:
    """Make a sample of sentences, each closed by an end token, with labels or held-out likelihoods where given."""

    def make(
        sentences: Sequence[Sequence[int]],
        held_out_nll: torch.Tensor | None = None,
        labels: Sequence[int] | None = None,
    ) -> Sample:
        width = max(map(len, sentences)) + 1
        rows = [[*sentence, END] + [PAD] * (width - len(sentence) - 1) for sentence in sentences]
        lengths = torch.tensor([len(sentence) + 1 for sentence in sentences])
        batch = SequenceBatch(torch.tensor(rows), lengths, None if labels is None else torch.tensor(labels))
        return Sample(batch=batch, artefacts=[""] * len(sentences), held_out_nll=held_out_nll)

    return make
