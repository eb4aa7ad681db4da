"""The discriminative and the predictive score of series, as they were published and as they ought to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.real_data import reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.series.discriminative_score import Halves, accuracies
from seqgan_toolkit.metrics.series.predictive_score import prediction_errors, with_two_steps
from seqgan_toolkit.metrics.series.windows import WindowReader, Windows

if TYPE_CHECKING:
    from seqgan_toolkit.domains.series.domain import SeriesDomain

VERSION = 2
FEWEST = 20
NAMES = ("discriminative_score", "predictive_score", "discriminative_score_timegan", "predictive_score_timegan")


class SeriesScoresPanel:
    """Scores by small recurrent networks that are trained on series (Yoon et al. 2019); the mean over repetitions.

    - `discriminative_score`: |.5 - accuracy| of a network that tells generated series from real ones, on others than
      it was trained on. Real ones are learnt from the training split and tested on the test split; the accuracies
      on real and on generated series count alike.
    - `predictive_score`: mean absolute error in [0, 1] with which a network that has learnt from generated series
      predicts the last feature of the test split a step ahead from the other features.
    - `discriminative_score_timegan`, `predictive_score_timegan`: the same by the published protocol, so that they may
      be compared with published figures: real series are all windows of the corpus, split at random, so that windows
      that overlap are learnt and tested on; half as many units as features, which leaves none for one feature.
    """

    def __init__(
        self,
        corpus: Corpus,
        domain: SeriesDomain | None = None,
        *,
        repeats: int,
        published_range: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> None:
        """Read the real series.

        Args:
            corpus: sequences in a `FrameSpace`.
            domain: see `WindowReader`.
            repeats: how many networks each score is the mean of.
            published_range: where published data have the lowest and the highest value of each feature, float [D], if
                they are not brought into [0, 1] before they are scored.
        """
        self._read, self._repeats = WindowReader.of(corpus, domain), repeats
        self._published_range = published_range
        self._training = self._windows(corpus, "train")
        self._test = self._windows(corpus, reference_split(corpus))
        self._all = self._training
        for split in SPLITS[1:]:
            if len(corpus.splits[split]):
                self._all = self._all.joined(self._windows(corpus, split))

    @property
    def definition(self) -> str:
        """What the figures hang on beside the sample and the corpus."""
        return f"series-scores-{VERSION}-{self._repeats}"

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, D]; nothing else of the sample is read."""
        fake = self._read(sample.batch)
        learnt = with_two_steps(fake)
        if min(len(learnt), len(with_two_steps(self._test))) < FEWEST:
            few = Measurement(None, None, VERSION, False, f"needs {FEWEST} series of two steps a side at least")
            return dict.fromkeys(NAMES, few)
        num_features = self._read.space.dim
        hidden_dim = max(4, num_features // 2)
        real = Halves.of(self._training, self._test, self._repeats)
        halves = Halves.at_random(fake, self._repeats, "fake")
        found = {
            "discriminative_score": self._mean(_balanced(real, halves, hidden_dim)),
            "predictive_score": self._mean(self._errors(learnt, self._test, hidden_dim)),
        }
        if num_features < 2:
            no_units = Measurement(None, None, VERSION, False, "the published protocol has dim // 2 units, here none")
            return found | dict.fromkeys(NAMES[2:], no_units)
        return found | self._as_published(fake)

    def _as_published(self, fake: Windows) -> dict[str, Measurement]:
        real, hidden_dim = self._all, self._read.space.dim // 2
        if self._published_range is not None:
            real, fake = (windows.within(*self._published_range) for windows in (real, fake))
        pairs = (Halves.at_random(real, self._repeats, "real"), Halves.at_random(fake, self._repeats, "fake"))
        hits = torch.cat(accuracies(*pairs, hidden_dim), dim=1)
        return {
            "discriminative_score_timegan": self._mean((0.5 - hits.double().mean(1)).abs()),
            "predictive_score_timegan": self._mean(self._errors(with_two_steps(fake), real, hidden_dim)),
        }

    def _errors(self, learnt: Windows, test: Windows, hidden_dim: int) -> torch.Tensor:
        return prediction_errors(learnt, with_two_steps(test), hidden_dim, self._repeats)

    def _mean(self, values: torch.Tensor) -> Measurement:
        note = f"mean and interval of {self._repeats} networks"
        return mean_with_interval(values, version=VERSION, higher_is_better=False, note=note)

    def _windows(self, corpus: Corpus, split: Split) -> Windows:
        return self._read(whole(corpus.splits[split]))


def _balanced(real: Halves, fake: Halves, hidden_dim: int) -> torch.Tensor:
    """Return |.5 - accuracy| of each network, float64 [R], where real and generated series count alike."""
    on_real, on_fake = accuracies(real, fake, hidden_dim)
    return (0.5 - (on_real.double().mean(1) + on_fake.double().mean(1)) / 2).abs()
