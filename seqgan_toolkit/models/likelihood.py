"""The likelihood that language models give to sequences of tokens."""

from __future__ import annotations

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.backward import BackwardGenerator, from_the_end
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.sequences import SequenceBatch

LanguageModel = TokenGenerator | EnsembleGenerator | BackwardGenerator
"""What gives a sequence of tokens a likelihood."""


def sequence_nats(model: LanguageModel, batch: SequenceBatch, draws: Draws, temperature: float = 1.0) -> torch.Tensor:
    """Return float64 [B], the negative log-likelihood of hard tokens [B, T], in nats.

    It is that of what is sampled: what is never drawn has no probability.

    Args:
        model: the model, on the device of the batch.
        batch: the sequences in their reading order.
        draws: where its noise comes from.
        temperature: divides the logits; above 0.
    """
    if isinstance(model, BackwardGenerator):
        model, batch = model.reader, from_the_end(batch, model.space.end)
    space, kept = model.space, batch.mask
    logits = _logits(model, batch, shift_right(batch, space.start), draws, kept) / temperature
    never = torch.tensor(space.never_drawn, dtype=torch.int64, device=logits.device)
    return _summed(logits.index_fill_(-1, never, float("-inf")), batch, kept)


def nats_of(logits: torch.Tensor, batch: SequenceBatch) -> torch.Tensor:
    """Return float64 [B], the negative log-likelihood of hard tokens [B, T] under logits [B, T, V]; no padding."""
    kept = batch.mask
    return _summed(logits[kept], batch, kept)


def _logits(
    model: TokenGenerator | EnsembleGenerator,
    batch: SequenceBatch,
    inputs: torch.Tensor,
    draws: Draws,
    kept: torch.Tensor,
) -> torch.Tensor:
    """Return the logits [N, V] of the N steps that are kept: the head is the largest product, and padding is wide."""
    if isinstance(model, EnsembleGenerator):
        return model.combine([_logits(member, batch, inputs, draws, kept) for member in model.generators])
    logits: torch.Tensor = model.head(model.hidden(batch, inputs, draws)[kept])
    return logits


def _summed(logits: torch.Tensor, batch: SequenceBatch, kept: torch.Tensor) -> torch.Tensor:
    """Return the nats [B] of the tokens at the N steps that are kept, given their logits [N, V]."""
    steps = functional.cross_entropy(logits.float(), batch.values[kept], reduction="none")
    nats = torch.zeros(kept.shape, dtype=torch.float64, device=steps.device).masked_scatter(kept, steps.double())
    return nats.sum(1)
