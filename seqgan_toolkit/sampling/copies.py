"""What a vocoder is run on: the frames of real clips that it has not learnt from."""

from __future__ import annotations

import torch

from seqgan_toolkit.data.held import Sequences
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sampling.base import by_label
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch


class CopySampler:
    """Draws real sequences, of the labels that are wanted.

    Args:
        sequences: what is drawn from.
        pad: what stands behind a sequence's end.
    """

    def __init__(self, sequences: Sequences, pad: float) -> None:
        self.sequences, self.pad = sequences, pad

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw `rows` sequences; no two are the same while there are others. There is no temperature."""
        labels = None if labels is None else labels.cpu()
        return by_label(labels, rows, self.pad, lambda label, count: self._of_label(label, count, draws))

    def _of_label(self, label: torch.Tensor | None, count: int, draws: Draws) -> SequenceBatch:
        known = self.sequences.labels
        among = torch.arange(len(self.sequences))
        if label is not None and known is not None:
            of_label = among[torch.from_numpy(known) == label]
            among = of_label if len(of_label) else among
        order = draws.uniform_everywhere(len(among)).argsort().cpu()
        return self.sequences.batch(among[order.repeat(count // len(among) + 1)[:count]].numpy())
