"""The likelihood that a token generator gives to real sequences: the measure that cannot be gamed."""

from __future__ import annotations

import torch
from torch.nn import functional

from seqgan_toolkit.data.corpus import SequenceStore
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right


@torch.no_grad()
def held_out_nll(generator: TokenGenerator, store: SequenceStore, draws: Draws, *, chunk: int = 256) -> torch.Tensor:
    """Return float64 [N], nats for each sequence of a split, its end token included.

    It is exact for a generator without noise. With noise, one draw of it is used, so the mean over the split is an
    upper bound (Jensen's inequality) and not the likelihood itself.

    Args:
        generator: in evaluation mode.
        store: a split that the generator was not trained on.
        draws: where the noise comes from.
        chunk: sequences at a time.
    """
    parts = []
    for first in range(0, len(store), chunk):
        batch = store.batch(range(first, min(first + chunk, len(store)))).to(draws.device)
        logits = generator(batch, shift_right(batch, generator.space.start), draws)
        steps = functional.cross_entropy(logits.transpose(1, 2).float(), batch.values, reduction="none")
        parts.append((steps.double() * batch.mask).sum(1).cpu())
    return torch.cat(parts)
