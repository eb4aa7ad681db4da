"""The fixed recipe by which the classifier of the metrics is trained: the same for every corpus."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.held import Sequences
from seqgan_toolkit.metrics.frames.classifier_network import SequenceClassifier
from seqgan_toolkit.sequences import FrameSpace

RECIPE_VERSION = 1
"""Raised with every change of the network or of its training, so that no cached classifier outlives it."""
SEED = 20170609
MAX_EPOCHS = 30
FEWEST_STEPS, MOST_STEPS = 600, 1500
BATCH_SIZE = 64
PEAK_LR = 3e-3
WEIGHT_DECAY = 1e-2
SMOOTHING = 0.05
MOMENTS = 10
SHIFT_SHARE = 1 / 14
"""Training frames are shifted in time by at most this share of the steps, and half of it along the frame."""

Judge = Callable[[SequenceClassifier], float]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def train_classifier(corpus: Corpus, training: Sequences, *, judge: Judge | None = None) -> SequenceClassifier:
    """Train a classifier of the labels of a corpus of frames.

    The seeds are fixed and PyTorch's global generator is left as it was.

    Args:
        corpus: labelled sequences in a `FrameSpace`: they say how large the network is.
        training: what it is trained on, with labels: a split of the corpus, or generated sequences.
        judge: says how good the network is, in evaluation mode; the best of `MOMENTS` moments counts. The last one
            when None.

    Returns:
        The classifier, in evaluation mode.
    """
    return train_network(lambda: empty_classifier(corpus), training, label_loss, judge=judge)


def empty_classifier(corpus: Corpus) -> SequenceClassifier:
    """Return a classifier of the labels of a corpus of frames, not yet trained."""
    space = corpus.space
    assert isinstance(space, FrameSpace)
    return SequenceClassifier(corpus.max_length, space.dim, len(corpus.label_names), space.low)


def label_loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of scores [B, V] with labels [B], smoothed."""
    return nn.functional.cross_entropy(scores, labels, label_smoothing=SMOOTHING)


def train_network(
    make: Callable[[], SequenceClassifier], training: Sequences, loss: Loss, *, judge: Judge | None = None
) -> SequenceClassifier:
    """Train the network that `make` returns by the fixed recipe; see `train_classifier`.

    Args:
        make: is called with the seed set.
        training: labelled sequences.
        loss: of scores [B, V] and labels [B].
        judge: see `train_classifier`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = make()
        best, best_weights = -math.inf, model.state_dict()
        for _ in _moments(model, training, loss, np.random.default_rng(SEED)):
            worth = 0.0 if judge is None else judge(model.eval())
            model.train()
            if worth >= best:
                best, best_weights = worth, {key: value.clone() for key, value in model.state_dict().items()}
        model.load_state_dict(best_weights)
    return model.eval()


def _moments(
    model: SequenceClassifier, store: Sequences, loss_of: Loss, generator: np.random.Generator
) -> Iterator[None]:
    """Train the network, and hand it out at equal distances of steps, at the end for the last time."""
    steps = min(max(MAX_EPOCHS * len(store) // BATCH_SIZE, FEWEST_STEPS), MOST_STEPS)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LR, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _warm_cosine((step + 1) / steps))
    order = np.zeros(0, np.int64)
    moments = {round(steps * (moment + 1) / MOMENTS) for moment in range(MOMENTS)}
    for step in track(range(steps), "training the metrics' classifier", steps):
        # Epochs are joined end to end, so that every batch is full: a single sequence has no batch statistics.
        while len(order) < BATCH_SIZE:
            order = np.concatenate([order, generator.permutation(len(store))])
        chosen, order = order[:BATCH_SIZE], order[BATCH_SIZE:]
        batch = store.batch(chosen)
        assert batch.labels is not None
        frames = _shifted(model.fit_steps(batch), model.low, generator)
        loss = loss_of(model(frames), batch.labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step + 1 in moments:
            yield


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
