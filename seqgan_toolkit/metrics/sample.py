"""What a metric is given: generated sequences, what they look like to people, and how a model rates held-out data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from seqgan_toolkit.sequences import SequenceBatch


@dataclass(frozen=True)
class Sample:
    """Sequences from a model, or from real data for reference.

    Attributes:
        batch: the sequences; tokens int64 [N, T] or frames float32 [N, T, F].
        artefacts: the same sequences decoded: N sentences, waveforms or images.
        held_out_nll: float64 [M], in nats for each test sequence (its end token included), under the model that made
            the sample; None for references and for models without a likelihood.
    """

    batch: SequenceBatch
    artefacts: list[Any]
    held_out_nll: torch.Tensor | None = None
