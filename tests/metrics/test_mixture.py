from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import log

import pytest
import torch

from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.metrics.text.mixture import mixture_nll
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace


def test_a_mixture_of_temperatures_is_a_distribution(token_generator: Callable[..., TokenGenerator]) -> None:
    generator = token_generator(space=TokenSpace.of_words(4))
    tokens = torch.tensor(list(product(range(4), repeat=3)))
    every = HeldSequences(SequenceBatch(tokens, torch.full((64,), 3)))
    nll = torch.stack([held_out_nll(generator, every, Draws(0, "none"), temperature=t) for t in (1.0, 1 / 3)])
    assert (nll[0] - nll[1]).abs().max() > 0.1, "otherwise there is nothing to mix"
    mixed = mixture_nll(nll, torch.tensor([0.25, 0.75]))
    probabilities = 0.25 * (-nll[0]).exp() + 0.75 * (-nll[1]).exp()
    torch.testing.assert_close((-mixed).exp(), probabilities)
    assert float((-mixed).exp().sum()) == pytest.approx(1, abs=1e-5)


def test_a_bad_model_costs_a_good_one_no_more_than_its_share() -> None:
    good = torch.tensor([100.0, 3.0], dtype=torch.float64)
    mixed = mixture_nll(torch.stack([good, good + 5000]), torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(mixed, good + log(2))
