"""What is trained on generated sequences to measure them, for which data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seqgan_toolkit.build.panels import Panel
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.recipe import schema

if TYPE_CHECKING:
    import torch

    from seqgan_toolkit.domains.series.domain import SeriesDomain


class TrainedPanel(Panel, Protocol):
    """A panel that trains networks on what it measures, so that its figures are worth keeping."""

    @property
    def definition(self) -> str:
        """What the figures hang on beside the sample and the corpus, as part of a file's name."""
        ...


def make_trained_panels(
    config: schema.DataConfig, corpus: Corpus, cache: Path, evaluation: schema.Evaluation
) -> list[TrainedPanel]:
    """Choose what is trained on the sequences of a corpus of frames.

    Args:
        config: the recipe's `data` section.
        corpus: the prepared data.
        cache: where classifiers are kept.
        evaluation: what is measured.
    """
    from seqgan_toolkit.domains.series.domain import SeriesDomain
    from seqgan_toolkit.metrics.frames.classifier import classifier_for
    from seqgan_toolkit.metrics.frames.synthetic_training import SyntheticTrainingPanel
    from seqgan_toolkit.metrics.frames.two_sample import TwoSamplePanel
    from seqgan_toolkit.metrics.series.scores import SeriesScoresPanel

    panels: list[TrainedPanel] = [TwoSamplePanel(corpus)]
    if isinstance(config, schema.SeriesData):
        domain = SeriesDomain.from_state(corpus.domain_state)
        published = _published_range(config, domain)
        panels.append(SeriesScoresPanel(corpus, domain, repeats=evaluation.repeats, published_range=published))
    if len(corpus.label_names) > 1:
        panels.append(SyntheticTrainingPanel(corpus, classifier_for(corpus, cache=cache / "classifiers")))
    return panels


def _published_range(config: schema.SeriesData, domain: SeriesDomain) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Return the range of each column of `sines`: published scores are of their own values, others' of scaled ones."""
    if config.source != "sines" or (domain.form is None and config.normalise != "min_max"):
        return None
    import torch

    centre, half = torch.from_numpy(domain.ranges.centre), torch.from_numpy(domain.ranges.half)
    return centre - half, centre + half
