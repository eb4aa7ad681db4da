"""The real data that metrics are measured against, and what tells one corpus from another."""

from __future__ import annotations

import hashlib
import json
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.sequences import SequenceBatch

FINGERPRINT_SEQUENCES = 256
Rows = TypeVar("Rows", torch.Tensor, npt.NDArray[np.floating], npt.NDArray[np.int64])


def reference_split(corpus: Corpus) -> Split:
    """Return the split that stands for real data unseen in training: test, else validation, else training."""
    order: tuple[Split, ...] = ("test", "valid", "train")
    return next(split for split in order if len(corpus.splits[split]) >= 2)


def learnt_and_held_out(corpus: Corpus) -> tuple[SequenceStore, SequenceStore]:
    """Return the training split, and the one that stands for real data unseen in training."""
    return corpus.splits["train"], corpus.splits[reference_split(corpus)]


def whole(store: SequenceStore) -> SequenceBatch:
    """Gather all sequences of a split."""
    return store.batch(np.arange(len(store)))


def random_part(store: SequenceStore, count: int) -> SequenceBatch:
    """Gather `count` random sequences of a split, always the same ones; all where it has no more."""
    return store.batch(np.random.default_rng(0).permutation(len(store))[:count])


def part_of(rows: Rows, count: int) -> Rows:
    """Return `count` random rows, always the same ones: published files may be sorted by how clean they are."""
    if count >= len(rows):
        return rows
    return rows[np.random.default_rng(0).permutation(len(rows))[:count]]


def as_many(one: Rows, other: Rows, most: int | None = None) -> tuple[Rows, Rows]:
    """Return equal numbers of random rows of each, at most `most`."""
    count = min(len(one), len(other), len(one) if most is None else most)
    return part_of(one, count), part_of(other, count)


def fingerprint(corpus: Corpus, recipe_version: int) -> str:
    """Return a hash of a recipe's version and of what a model would be trained and tested on.

    All lengths and labels count, and the values of evenly spaced sequences of every split.
    """
    about = {
        "recipe": recipe_version,
        "space": repr(corpus.space),
        "labels": corpus.label_names,
        "domain": corpus.domain_state,
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for split in SPLITS:
        store = corpus.splits[split]
        digest.update(store.offsets.tobytes())
        digest.update(b"" if store.labels is None else store.labels.tobytes())
        for index in np.linspace(0, len(store) - 1, min(len(store), FINGERPRINT_SEQUENCES)).astype(np.int64):
            digest.update(np.ascontiguousarray(store.values[store.offsets[index] : store.offsets[index + 1]]).tobytes())
    return digest.hexdigest()[:20]
