"""The best generator of frames so far, by a cheap distance to real sequences, kept beside the last one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.frames.pooled import pooled
from seqgan_toolkit.metrics.frechet import Gaussian, frechet_distance
from seqgan_toolkit.metrics.real_data import random_part
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.model import TrainedModel
from seqgan_toolkit.training.checkpoints import Checkpoints, load

NAME = "best"
NUM_SAMPLES = 1000
MOST_REAL = 2000
FEWEST_HELD_OUT = 100
"""Validation sequences below which training sequences are what is compared with: fewer say too little."""
SEED = 54_321
"""Of the samples, the same at every look."""


class BestModel:
    """Measures the generator now and then, and keeps it as the model `best` where it is better than ever before.

    The distance is the Fréchet distance of the mean and the deviation over time of each value of a frame, on 1,000
    samples from the same noise every time. What was the best before an interruption is read off the kept model, so
    that going on from an earlier checkpoint comes to the same one.

    Args:
        model: what generates, whose weights change.
        corpus: the real sequences, in a `FrameSpace`.
        checkpoints: where it is kept.
        state: returns what a model is read from, but for what is measured.
    """

    def __init__(
        self, model: TrainedModel, corpus: Corpus, checkpoints: Checkpoints, state: Callable[[], dict[str, Any]]
    ) -> None:
        self._model, self._checkpoints, self._state = model, checkpoints, state
        held_out = corpus.splits["valid"]
        store = held_out if len(held_out) >= FEWEST_HELD_OUT else corpus.splits["train"]
        self._real = _pooled(random_part(store, MOST_REAL))
        kept = checkpoints.directory / f"{NAME}.pt"
        self._best: float = load(kept)["distance"] if kept.is_file() else math.inf

    def look(self, step: int) -> dict[str, float]:
        """Measure after `step` steps, keep what is best, and return what there is to log."""
        labels = self._model.labels_as_in_data(NUM_SAMPLES, seed=SEED)
        distance = frechet_distance(_pooled(self._model.sample(NUM_SAMPLES, seed=SEED, labels=labels)), self._real)
        if distance < self._best:
            self._best = distance
            self._checkpoints.save_phase(NAME, {**self._state(), "distance": distance, "step": step})
        return {"distance": distance, "best": self._best}


def _pooled(batch: SequenceBatch) -> Gaussian:
    return Gaussian.fit(pooled(batch.detach().to("cpu")).double().numpy())
