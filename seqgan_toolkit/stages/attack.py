"""Whether a run's discriminator knows its training sequences from others of the same law."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.frames.attack import attack_auc
from seqgan_toolkit.metrics.real_data import learnt_and_held_out
from seqgan_toolkit.sampling.scoring import mean_scores
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_discriminator
from seqgan_toolkit.stages.references import EVALUATION_SEED

MOST = 2000
"""Sequences of each split."""


def attack_figures(directory: RunDirectory, model: TrainedModel, corpus: Corpus) -> dict[str, Measurement]:
    """Return `discriminator_attack_auc` of the run's adversarial game; nothing where one sequence has no score.

    Args:
        directory: a run whose adversarial phase is finished.
        model: what that phase made.
        corpus: the real data.
    """
    config = directory.recipe().discriminator
    assert config is not None
    if config.packing > 1:
        return {}
    discriminator = load_discriminator(directory, model)
    chosen = [(store, grouped(store, discriminator.group_size)) for store in learnt_and_held_out(corpus)]
    if min(len(indices) for _, indices in chosen) < 2:
        return {}
    train, held_out = (mean_scores(discriminator, store.batch(indices), model.device) for store, indices in chosen)
    return {"discriminator_attack_auc": attack_auc(train, held_out)}


def grouped(store: SequenceStore, group_size: int) -> npt.NDArray[np.int64]:
    """Return indices of random sequences, in whole groups of one label; what is left over of a label is left out."""
    chosen = np.random.default_rng(EVALUATION_SEED).permutation(len(store))[:MOST]
    labels = np.zeros(len(chosen), np.int64) if store.labels is None else store.labels[chosen]
    of_label = [chosen[labels == label] for label in np.unique(labels)]
    return np.concatenate([members[: len(members) - len(members) % max(1, group_size)] for members in of_label])
