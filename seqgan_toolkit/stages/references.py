"""What figures are read against: real sequences, copies of training data, and noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.build.data import originals_of
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.metrics.real_data import reference_split
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import NO_END, FrameSpace, SequenceBatch, TokenSpace

EVALUATION_SEED = 12_345
"""Of the samples that are measured, the same for every run."""

MOST_NOISE = 1000
"""Clips of noise: decoding them takes longer than all that is measured of them."""


def reference_samples(corpus: Corpus, domain: Domain, count: int) -> Iterator[tuple[str, Sample]]:
    """Yield what figures are read against, as it looks and sounds.

    Where the domain's decoder loses something, so that the corpus keeps the originals (waveforms), `real` are these.
    `training_copy` is what the decoder makes of the same training sequences, each once, and `copy_synthesis` of the
    held-out ones: no model can sound better.
    """
    batches = reference_batches(corpus, count)
    originals = originals_of(domain.kind, corpus, "train")
    if originals is None:
        yield from ((name, Sample(batch, domain.decode(batch))) for name, batch in batches.items())
        return
    chosen, _ = _chosen(corpus, count)
    held_out = corpus.splits[reference_split(corpus)]
    yield "real", Sample(batches["real"], [originals[index] for index in chosen.tolist()])
    decoded = {
        "copy_synthesis": held_out.head(count),
        "training_copy": batches["real"],
        "noise": batches["noise"].rows(slice(MOST_NOISE)),
    }
    yield from ((name, Sample(batch, domain.decode(batch))) for name, batch in decoded.items())


def reference_batches(corpus: Corpus, count: int) -> dict[str, SequenceBatch]:
    """Return what figures are read against.

    `real` is training data without repeats, which no model can beat; `training_copy` is what a model that has learnt
    nothing but its training data by heart would give, drawn with repeats; `noise` has their lengths and labels only.
    """
    train = corpus.splits["train"]
    without_repeats, with_repeats = _chosen(corpus, count)
    copy = train.batch(with_repeats)
    return {"real": train.batch(without_repeats), "noise": _noise_like(copy, corpus), "training_copy": copy}


def _chosen(corpus: Corpus, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the training sequences that are drawn without repeats, and with them."""
    rng, total = np.random.default_rng(EVALUATION_SEED), len(corpus.splits["train"])
    return rng.permutation(total)[:count], rng.integers(total, size=count)


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
