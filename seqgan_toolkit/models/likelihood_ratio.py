"""A discriminator made of two language models, of which one learns."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.backward import BackwardGenerator
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.models.likelihood import sequence_nats
from seqgan_toolkit.sequences import SequenceBatch


class LikelihoodRatio(nn.Module):
    """The logit a (log b(x) - log g(x)) + c of a model b that reads from the end and a generator g at rest.

    The best logit of real sequences against samples of g is log p(x) / g(x), so that it begins with what b knows of
    the data. It has the seam of a `Discriminator`, whose embedding of a token is here the token.

    Args:
        backward: b.
        nats: returns -log g(x), float64 [B].
        draws: the noise of b, which has none.
    """

    embedding: nn.Embedding | None = None

    def __init__(
        self, backward: BackwardGenerator, nats: Callable[[SequenceBatch], torch.Tensor], draws: Draws
    ) -> None:
        super().__init__()
        self.backward, self.nats, self.draws = backward, nats, draws
        self.slope = nn.Parameter(torch.ones(()))
        self.offset = nn.Parameter(torch.zeros(()))

    @property
    def padding(self) -> float:
        """What stands in a sequence where there is no step."""
        return float(self.backward.space.pad)

    def embed(self, values: torch.Tensor) -> torch.Tensor:
        """Return hard tokens [B, T] as they are, int64 [B, T, 1]."""
        return values[..., None]

    def forward(self, batch: SequenceBatch) -> Verdict:
        """Score sequences of hard tokens."""
        return self.judge(self.embed(batch.values), batch.lengths, batch.labels)

    def judge(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Verdict:
        """Score tokens int64 [B, T, 1]; labels have no part in it."""
        batch = SequenceBatch(inputs[..., 0], lengths)
        with torch.no_grad():
            nats = self.nats(batch)
        ratio = nats - sequence_nats(self.backward, batch, self.draws)
        scores = (self.slope * ratio + self.offset)[:, None]
        return Verdict(scores, torch.ones_like(scores, dtype=torch.bool), scores)
