"""What is trained on generated sequences to measure them, for which data."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from seqgan_toolkit.build.panels import Panel
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe import schema


class TrainedPanel(Panel, Protocol):
    """A panel that trains networks on what it measures, so that its figures are worth keeping."""

    @property
    def definition(self) -> str:
        """What the figures hang on beside the sample and the corpus, as part of a file's name."""
        ...


def make_trained_panel(
    config: schema.DataConfig, corpus: Corpus, cache: Path, evaluation: schema.Evaluation
) -> TrainedPanel:
    """Choose what is trained on the sequences of a corpus of frames.

    Args:
        config: the recipe's `data` section.
        corpus: the prepared data.
        cache: where classifiers are kept.
        evaluation: what is measured.

    Raises:
        UserError: images or clips have no labels to train classifiers with.
    """
    from seqgan_toolkit.metrics.classifier import classifier_for
    from seqgan_toolkit.metrics.series_scores import SeriesScoresPanel
    from seqgan_toolkit.metrics.synthetic_training import SyntheticTrainingPanel

    if isinstance(config, schema.SeriesData):
        return SeriesScoresPanel(corpus, repeats=evaluation.repeats)
    if len(corpus.label_names) < 2:
        raise UserError(
            f"classifiers cannot be trained on synthetic {config.kind} without two labels at least: leave out "
            "evaluation.train_on_synthetic (or --train-on-synthetic), or prepare data with labels"
        )
    return SyntheticTrainingPanel(corpus, classifier_for(corpus, cache=cache / "classifiers"))
