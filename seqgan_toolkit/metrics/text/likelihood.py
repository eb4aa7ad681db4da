"""The likelihood that a token generator gives to real sequences: the measure that cannot be gamed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.data.held import Sequences, chunks
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.models.likelihood import LanguageModel, sequence_nats

Z95 = 1.959964


@torch.no_grad()
def held_out_nll(
    generator: LanguageModel,
    store: Sequences,
    draws: Draws,
    *,
    temperature: float = 1.0,
    chunk: int = 256,
) -> torch.Tensor:
    """Return float64 [N], nats for each sequence of a split, its end token included.

    It is that of what is sampled: what is never drawn has no probability. It is exact for a generator without noise.
    With noise, one draw of it is used, so the mean over the split is an upper bound (Jensen's inequality) and not the
    likelihood itself.

    Args:
        generator: in evaluation mode: with dropout on, it would be another model at every call.
        store: a split that the generator was not trained on.
        draws: where the noise comes from.
        temperature: divides the logits, as it does when the model is sampled; above 0.
        chunk: sequences at a time.
    """
    assert not generator.training
    batches = (held.to(draws.device) for held in chunks(store, chunk))
    return torch.cat([sequence_nats(generator, batch, draws, temperature).cpu() for batch in batches])


def nats_per_token(
    nats: npt.NDArray[np.float64], tokens: npt.NDArray[np.float64], *, version: int, note: str
) -> Measurement:
    """Return the nats of all sentences over their tokens, with the interval of a ratio (the delta method).

    Args:
        nats: float64 [N], of each sentence.
        tokens: float64 [N], of each sentence, end tokens counted.
        version: of the metric.
        note: what a reader should know of it.
    """
    value = float(nats.sum() / tokens.sum())
    if len(nats) < 2:
        return Measurement(value, None, version, False, note)
    half = Z95 * float((nats - value * tokens).std(ddof=1)) * len(nats) ** 0.5 / float(tokens.sum())
    return Measurement(value, (value - half, value + half), version, False, note)
