"""A language model that reads sentences from their end."""

from __future__ import annotations

from torch import nn

from seqgan_toolkit.models.parts import reverse_within
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import SequenceBatch


class BackwardGenerator(nn.Module):
    """A token generator over sequences that stand in reverse.

    Whoever trains it, draws from it or asks for a likelihood turns the sequences, so that those outside are in their
    reading order.

    Args:
        reader: the generator; what it reads is what `from_the_end` returns.
    """

    def __init__(self, reader: TokenGenerator) -> None:
        super().__init__()
        self.reader, self.space = reader, reader.space


def from_the_end(batch: SequenceBatch, end: int) -> SequenceBatch:
    """Return hard tokens [B, T] in reverse, where an end token stays the last one; twice is not at all."""
    ended = batch.values.gather(1, batch.lengths[:, None] - 1)[:, 0] == end
    turned = reverse_within(batch.values[..., None], batch.lengths - ended.long())[..., 0]
    return SequenceBatch(turned, batch.lengths, batch.labels)
