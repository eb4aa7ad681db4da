"""The fixed recipe by which the classifier of the metrics is trained: the same for every corpus."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.metrics.classifier_network import SequenceClassifier
from seqgan_toolkit.sequences import FrameSpace

RECIPE_VERSION = 1
"""Raised with every change of the network or of its training, so that no cached classifier outlives it."""
SEED = 20170609
MAX_EPOCHS = 30
FEWEST_STEPS, MOST_STEPS = 600, 1500
BATCH_SIZE = 64
PEAK_LR = 3e-3
WEIGHT_DECAY = 1e-2
SHIFT_SHARE = 1 / 14
"""Training frames are shifted in time by at most this share of the steps, and half of it along the frame."""


def train_classifier(corpus: Corpus) -> SequenceClassifier:
    """Train a classifier on the training split of a labelled corpus of frames.

    The seeds are fixed and PyTorch's global generator is left as it was.

    Args:
        corpus: labelled sequences in a `FrameSpace`.

    Returns:
        The classifier, in evaluation mode.
    """
    space, store = corpus.space, corpus.splits["train"]
    assert isinstance(space, FrameSpace)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = SequenceClassifier(corpus.max_length, space.dim, len(corpus.label_names), space.low)
        _optimise(model, store, np.random.default_rng(SEED))
    return model.eval()


def _optimise(model: SequenceClassifier, store: SequenceStore, generator: np.random.Generator) -> None:
    steps = min(max(MAX_EPOCHS * len(store) // BATCH_SIZE, FEWEST_STEPS), MOST_STEPS)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LR, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _warm_cosine((step + 1) / steps))
    order = np.zeros(0, np.int64)
    for _ in track(range(steps), "training the metrics' classifier", steps):
        # Epochs are joined end to end, so that every batch is full: a single sequence has no batch statistics.
        while len(order) < BATCH_SIZE:
            order = np.concatenate([order, generator.permutation(len(store))])
        chosen, order = order[:BATCH_SIZE], order[BATCH_SIZE:]
        batch = store.batch(chosen)
        assert batch.labels is not None
        frames = _shifted(model.fit_steps(batch), model.low, generator)
        loss = nn.functional.cross_entropy(model(frames), batch.labels, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()


def _warm_cosine(progress: float, warm_up: float = 0.1) -> float:
    """Return the share of the peak learning rate: a line upwards, then half a cosine down."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


def _shifted(frames: torch.Tensor, low: float, generator: np.random.Generator) -> torch.Tensor:
    """Shift frames [B, T, F] by one random offset for the batch; what moves in is padding."""
    num_steps, dim = frames.shape[1:]
    reach = (round(num_steps * SHIFT_SHARE), round(dim * SHIFT_SHARE / 2))
    down, right = (int(generator.integers(-limit, limit + 1)) for limit in reach)
    padding = (max(right, 0), max(-right, 0), max(down, 0), max(-down, 0))
    padded = nn.functional.pad(frames, padding, value=low)
    return padded[:, max(-down, 0) :, max(-right, 0) :][:, :num_steps, :dim]
