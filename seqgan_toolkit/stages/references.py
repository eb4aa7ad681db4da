"""What figures are read against: real sequences, copies of training data, and noise."""

from __future__ import annotations

import numpy as np
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.sequences import NO_END, FrameSpace, SequenceBatch, TokenSpace

EVALUATION_SEED = 12_345
"""Of the samples that are measured, the same for every run."""


def reference_batches(corpus: Corpus, count: int) -> dict[str, SequenceBatch]:
    """Return what figures are read against.

    `real` is training data without repeats, which no model can beat; `training_copy` is what a model that has learnt
    nothing but its training data by heart would give, drawn with repeats; `noise` has their lengths and labels only.
    """
    train, rng = corpus.splits["train"], np.random.default_rng(EVALUATION_SEED)
    real = train.batch(rng.permutation(len(train))[:count])
    copy = train.batch(rng.integers(len(train), size=count))
    return {"real": real, "noise": _noise_like(copy, corpus), "training_copy": copy}


def _noise_like(batch: SequenceBatch, corpus: Corpus) -> SequenceBatch:
    generator, space = torch.Generator().manual_seed(EVALUATION_SEED), corpus.space
    mask = batch.mask
    if isinstance(space, TokenSpace):
        # With no end token the first word is 0, and no step is an end.
        tokens = torch.randint(space.end + 1, space.size, batch.values.shape, generator=generator)
        ends = torch.arange(batch.num_steps) == batch.lengths[:, None] - 1
        tokens = tokens if space.end == NO_END else torch.where(ends, space.end, tokens)
        values = torch.where(mask, tokens, space.pad)
    else:
        assert isinstance(space, FrameSpace)
        frames = torch.rand(batch.values.shape, generator=generator) * (space.high - space.low) + space.low
        values = torch.where(mask[..., None], frames, space.low)
    return SequenceBatch(values, batch.lengths, batch.labels)
