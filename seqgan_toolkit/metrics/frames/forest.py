"""A random forest on the values of whole sequences, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import torch

from seqgan_toolkit.console import track

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

NUM_TREES = 500
TREES_AT_ONCE = 20
"""A tree grown on 60,000 sequences of noise takes 20 MB."""
SEED = 20170609


def forest_labels(training: torch.Tensor, labels: torch.Tensor, test: torch.Tensor, num_labels: int) -> torch.Tensor:
    """Return the labels [M] that a random forest (Breiman 2001) of 500 full trees gives.

    The trees are grown, asked and forgotten in groups; their votes are those of one forest.

    Args:
        training: float32 [N, D].
        labels: of the training values, int64 [N].
        test: float32 [M, D].
        num_labels: how many labels there are.
    """
    return elected(grow(training, labels), test, num_labels)


def grow(training: torch.Tensor, labels: torch.Tensor) -> Iterator[RandomForestClassifier]:
    """Grow the forest of `forest_labels`, a group of trees at a time."""
    from sklearn.ensemble import RandomForestClassifier

    for first in track(range(0, NUM_TREES, TREES_AT_ONCE), "growing a forest", NUM_TREES // TREES_AT_ONCE):
        trees = RandomForestClassifier(TREES_AT_ONCE, random_state=SEED + first, n_jobs=torch.get_num_threads())
        yield trees.fit(training.numpy(), labels.numpy())


def elected(forest: Iterable[RandomForestClassifier], test: torch.Tensor, num_labels: int) -> torch.Tensor:
    """Return the labels [M] that all groups of trees together give values [M, D]."""
    votes = torch.zeros(len(test), num_labels, dtype=torch.float64)
    for trees in forest:
        votes[:, trees.classes_] += torch.from_numpy(trees.predict_proba(test.numpy()))
    return votes.argmax(1)
