from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from scipy import stats

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.ensemble import EnsembleSampler
from seqgan_toolkit.sampling.strategies import Strategy

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


@pytest.mark.parametrize("average", ["logits", "probabilities"])
@torch.no_grad()
def test_samples_come_as_often_as_the_ensemble_says(
    token_generator: Make, every_sequence: Enumerate, average: str
) -> None:
    members = [token_generator(scale=scale, noise_dim=0) for scale in (1.0, 2.5)]
    ensemble, rows = EnsembleGenerator(members, average=average, sharpness=1.2), 20_000
    exact = every_sequence(ensemble, 3)
    batch = EnsembleSampler(ensemble, 3).sample(None, rows, Draws(1, "sampling"))
    count = dict.fromkeys(exact, 0)
    for row, length in zip(batch.values.tolist(), batch.lengths.tolist(), strict=True):
        count[tuple(row[:length])] += 1
    probabilities = torch.stack(list(exact.values())).double()
    expected = rows * probabilities / probabilities.sum()
    assert stats.chisquare(list(count.values()), expected.numpy()).pvalue > 1e-4


def test_temperature_zero_takes_the_most_likely(token_generator: Make) -> None:
    ensemble = EnsembleGenerator([token_generator()], average="logits", sharpness=1.0)
    batch = EnsembleSampler(ensemble, 5).sample(None, 6, Draws(1, "sampling"), Strategy(temperature=0.0))
    assert (batch.values == batch.values[0]).all()
