"""The network behind the language-model metrics: a small LSTM over the tokens of a corpus.

It is not the toolkit's generator on purpose: generators gain features, and a metric must stay what it was.

Legend: B sequences, T steps, V token types, H the size of the state.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.likelihood import nats_of
from seqgan_toolkit.models.token_generator import shift_right
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace

EMBEDDING_DIM, HIDDEN_DIM = 64, 128
DROPOUT = 0.3


class LanguageModel(nn.Module):
    """Embedding, LSTM and softmax head, with dropout on the LSTM's inputs and outputs (Zaremba et al. 2014).

    Args:
        space: the tokens.
    """

    def __init__(self, space: TokenSpace) -> None:
        super().__init__()
        self.space = space
        self.embedding = nn.Embedding(space.size, EMBEDDING_DIM)
        self.lstm = nn.LSTM(EMBEDDING_DIM, HIDDEN_DIM, batch_first=True)
        self.head = nn.Linear(HIDDEN_DIM, space.size)
        nn.init.normal_(self.embedding.weight, std=0.1)

    def states(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the state [B, T, H] before every token of a batch, from the tokens before it."""
        embedded = self.embedding(shift_right(batch, self.space.start))
        outputs, _ = self.lstm(functional.dropout(embedded, DROPOUT, self.training))
        return functional.dropout(outputs, DROPOUT, self.training)

    def nats(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the negative log-likelihood [B] of every sequence, its end token included, in nats."""
        return nats_of(self.head(self.states(batch)), batch)

    def features(self, batch: SequenceBatch) -> torch.Tensor:
        """Return [B, 2 H]: the mean and the maximum over the steps of a sequence of the states after its tokens."""
        outputs, _ = self.lstm(self.embedding(batch.values))
        mask = batch.mask[..., None]
        mean = (outputs * mask).sum(1) / batch.lengths[:, None]
        return torch.cat([mean, outputs.masked_fill(~mask, float("-inf")).amax(1)], dim=1)
