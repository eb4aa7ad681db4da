"""Figures of networks that are trained on generated sequences: on larger samples, with references that are kept."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqgan_toolkit.build.panels import measure
from seqgan_toolkit.build.trained_panels import TrainedPanel
from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.real_data import fingerprint
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.model import TrainedModel
from seqgan_toolkit.stages.references import EVALUATION_SEED, reference_batches

MOST_NOISE = 2000
"""Chance is known from fewer sequences, and a forest that learns noise by heart is slow."""

Measured = dict[str, Measurement]


def trained_figures(
    panels: Sequence[TrainedPanel], models: Mapping[str, TrainedModel], corpus: Corpus, count: int
) -> dict[str, Measured]:
    """Return the figures of every model by name.

    Args:
        panels: train networks on a sample.
        models: what generates.
        corpus: the real data.
        count: how many sequences each network is trained on.
    """
    labels, measured = _training_labels(corpus, count), {}
    for name, model in models.items():
        say(f"training on {count} sequences of {name}")
        batch = model.as_written(model.sample(count, seed=EVALUATION_SEED, labels=labels))
        measured[name] = measure(panels, Sample(batch, []))
    return measured


def trained_references(panels: Sequence[TrainedPanel], corpus: Corpus, count: int, cache: Path) -> dict[str, Measured]:
    """Return the same figures of every reference by name, from `cache` where they are kept: they are no run's own."""
    kept = [_kept_references(panel, corpus, count, cache / "references") for panel in panels]
    return {name: dict(ChainMap(*(figures[name] for figures in kept))) for name in kept[0]}


def _kept_references(panel: TrainedPanel, corpus: Corpus, count: int, folder: Path) -> dict[str, Measured]:
    """Return a panel's figures of every reference, measured where they are not kept; each is kept as it comes."""
    path = folder / f"{panel.definition}-{count}-{fingerprint(corpus, 0)}.json"
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    for name, batch in _references(corpus, count):
        if name not in found:
            say(f"training on {len(batch)} sequences of the reference '{name}', once for this corpus")
            found[name] = _as_json(panel.measure(Sample(batch, [])))
            write_json(path, found)
    return {name: _from_json(figures) for name, figures in found.items()}


def _as_json(figures: Measured) -> dict[str, Any]:
    return {name: one.as_dict() for name, one in figures.items()}


def _from_json(figures: dict[str, Any]) -> Measured:
    return {name: Measurement(**one) for name, one in figures.items()}


def _training_labels(corpus: Corpus, count: int) -> torch.Tensor | None:
    """Return the labels of training sequences: of each as often as of any other, as near as may be."""
    labels = corpus.splits["train"].labels
    if labels is None:
        return None
    order = np.random.default_rng(EVALUATION_SEED).permutation(len(labels))
    return torch.from_numpy(np.resize(labels[order], count))


def _references(corpus: Corpus, count: int) -> Iterator[tuple[str, SequenceBatch]]:
    for name, batch in reference_batches(corpus, count).items():
        yield name, batch.rows(slice(MOST_NOISE)) if name == "noise" else batch
