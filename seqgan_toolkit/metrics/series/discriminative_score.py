"""How well a small recurrent network learns to tell generated series from real ones, on series it has not seen.

Yoon, Jarrett and van der Schaar, "Time-series generative adversarial networks" (2019), section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch.nn import functional

from seqgan_toolkit.metrics.series.repeated_gru import Indices, RepeatedGRU, streams, train
from seqgan_toolkit.metrics.series.windows import Windows

ITERATIONS = 2000
BATCH_SIZE = 128
TRAINING_SHARE = 0.8
CHUNK = 500
"""Series that every network is tested on at once."""


@dataclass(frozen=True)
class Halves:
    """What each network is trained on and tested on, of one set of series.

    Attributes:
        windows: all of them.
        training: for each network, indices of series.
        test: the same, of other ones.
    """

    windows: Windows
    training: Sequence[Indices]
    test: Sequence[Indices]

    @classmethod
    def at_random(cls, windows: Windows, repeats: int, purpose: str) -> Self:
        """Divide series 80 to 20, for every network anew."""
        orders = [rng.permutation(len(windows)) for rng in streams(repeats, purpose)]
        border = int(TRAINING_SHARE * len(windows))
        return cls(windows, [order[:border] for order in orders], [order[border:] for order in orders])

    @classmethod
    def of(cls, training: Windows, test: Windows, repeats: int) -> Self:
        """Take halves that are given, the same for every network."""
        border, count = len(training), len(training) + len(test)
        return cls(training.joined(test), [np.arange(border)] * repeats, [np.arange(border, count)] * repeats)

    def drawn(self, rngs: Sequence[np.random.Generator]) -> Indices:
        """Draw a batch of training series for each network, without repeats: int64 [R, B]."""
        size = min(BATCH_SIZE, len(self.training[0]))
        return np.stack([one[rng.choice(len(one), size, False)] for one, rng in zip(self.training, rngs, strict=True)])


def accuracies(real: Halves, fake: Halves, hidden_dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Train a network for each pair of halves, and test it.

    Args:
        real: real series.
        fake: generated ones, in as many pairs of halves.
        hidden_dim: units of each network; its last state is what it judges by.

    Returns:
        For each network whether it is right, on each real test series bool [R, N] and on each generated one [R, M].
    """
    rngs = streams(len(real.training), "training")
    network = RepeatedGRU(real.windows.values.shape[2], hidden_dim, rngs)

    both, behind = real.windows.joined(fake.windows), len(real.windows)

    def loss() -> torch.Tensor:
        # One call for both: at this size a step costs as much for many rows as for half of them.
        drawn, others = real.drawn(rngs), fake.drawn(rngs)
        logits = _logits(network, both, np.concatenate([drawn, behind + others], axis=1))
        for_real = functional.softplus(-logits[:, : drawn.shape[1]]).mean(1)
        return for_real + functional.softplus(logits[:, drawn.shape[1] :]).mean(1)

    train(network, ITERATIONS, loss, "training for the discriminative score")
    with torch.inference_mode():
        return _tested(network, real) > 0, _tested(network, fake) <= 0


def _tested(network: RepeatedGRU, halves: Halves) -> torch.Tensor:
    indices = np.stack(halves.test)
    parts = range(0, indices.shape[1], CHUNK)
    return torch.cat([_logits(network, halves.windows, indices[:, first : first + CHUNK]) for first in parts], dim=1)


def _logits(network: RepeatedGRU, windows: Windows, indices: Indices) -> torch.Tensor:
    """Return the logit [R, B] after the last step of each series, for series by their indices [R, B]."""
    chosen = windows.rows(torch.from_numpy(indices))
    said: torch.Tensor = network(chosen.values)
    return said.gather(2, chosen.lengths[..., None] - 1)[..., 0]
