"""How well a small recurrent network that has learnt from generated series predicts real ones, a step ahead.

Yoon, Jarrett and van der Schaar, "Time-series generative adversarial networks" (2019), section 5.
"""

from __future__ import annotations

import numpy as np
import torch

from seqgan_toolkit.metrics.series.repeated_gru import RepeatedGRU, streams, train
from seqgan_toolkit.metrics.series.windows import Windows
from seqgan_toolkit.sequences import length_mask

ITERATIONS = 5000
BATCH_SIZE = 128
CHUNK = 500


def prediction_errors(training: Windows, test: Windows, hidden_dim: int, repeats: int) -> torch.Tensor:
    """Train networks that predict the last feature from the others, a step before, and test them.

    A series of one feature is predicted from its own past. The loss is the mean absolute error.

    Args:
        training: what they learn from, with two steps at least.
        test: what they are tested on.
        hidden_dim: units of each network.
        repeats: R, how many networks.

    Returns:
        The mean over test series of the mean absolute error over their steps, float64 [R], in the unit of [0, 1].
    """
    rngs = streams(repeats, "training")
    network = RepeatedGRU(_inputs(training.values).shape[-1], hidden_dim, rngs)
    size = min(BATCH_SIZE, len(training))

    def loss() -> torch.Tensor:
        drawn = np.stack([rng.choice(len(training), size, False) for rng in rngs])
        errors, mask = _errors(network, training.rows(torch.from_numpy(drawn)))
        return (errors * mask).sum((1, 2)) / mask.sum((1, 2))

    train(network, ITERATIONS, loss, "training for the predictive score")
    with torch.inference_mode():
        total = torch.zeros(repeats, dtype=torch.float64)
        for first in range(0, len(test), CHUNK):
            chunk = test.rows(slice(first, first + CHUNK))
            same = Windows(chunk.values.expand(repeats, -1, -1, -1), chunk.lengths.expand(repeats, -1))
            errors, mask = _errors(network, same)
            total += ((errors * mask).sum(2) / mask.sum(2)).double().sum(1)
    return total / len(test)


def with_two_steps(windows: Windows) -> Windows:
    """Leave out series of one step, which have nothing to predict."""
    return windows.rows(windows.lengths >= 2)


def _inputs(values: torch.Tensor) -> torch.Tensor:
    """Return what the last feature is predicted from: the others, or itself where there is no other."""
    return values[..., :-1] if values.shape[-1] > 1 else values


def _errors(network: RepeatedGRU, windows: Windows) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the absolute errors [R, B, T - 1] on series [R, B, T, D], and bool where they count."""
    predicted = network(_inputs(windows.values)[:, :, :-1]).sigmoid()
    errors = (predicted - windows.values[:, :, 1:, -1]).abs()
    mask = length_mask(windows.lengths.flatten() - 1, errors.shape[2]).view(errors.shape)
    return errors, mask
