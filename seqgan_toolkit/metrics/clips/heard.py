"""What a classifier hears in labelled clips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch

from seqgan_toolkit.metrics.clips.classifier import ClipClassifier
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.sequences import SequenceBatch


@dataclass(frozen=True)
class Heard:
    """Clips, and what is heard in them.

    Attributes:
        frames: of one length, float32 [N, T, F].
        labels: that they were made for, int64 [N].
        truth: the value of each factor of these, int64 [N, factors].
        features: of the classifier, float32 [N, 64].
        log_probabilities: for each factor those of its values, float32 [N, V].
        values: the most probable value of each factor, int64 [N, factors].
        cells: the label that has these values, int64 [N]; -1 where the data have none.
    """

    frames: torch.Tensor
    labels: torch.Tensor
    truth: torch.Tensor
    features: torch.Tensor
    log_probabilities: tuple[torch.Tensor, ...]
    values: torch.Tensor
    cells: torch.Tensor

    @classmethod
    def of(cls, batch: SequenceBatch, real: RealClips, classifier: ClipClassifier) -> Self:
        """Let the classifier of real clips hear analysed ones, which have labels."""
        assert batch.labels is not None
        table = torch.as_tensor(classifier.factors.table)
        features = classifier.features(batch)
        log_probabilities = classifier.log_probabilities(features)
        values = torch.stack([scores.argmax(1) for scores in log_probabilities], dim=1)
        same = (values[:, None] == table).all(2)
        cells = torch.where(same.any(1), same.int().argmax(1), -1)
        truth = table[batch.labels]
        return cls(real.fixed(batch), batch.labels, truth, features, log_probabilities, values, cells)
