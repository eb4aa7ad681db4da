"""A generator's turn against a discriminator that stays as it is, and sequences to play it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator, Verdict
from seqgan_toolkit.models.encoders import RecurrentEncoder
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace

Judge = Callable[[SequenceBatch], Verdict]


@pytest.fixture
def turn() -> Callable[..., Turn]:
    """Make a turn in which `judge` judges."""

    def make(judge: Judge, real: SequenceBatch | None = None, seed: int = 1) -> Turn:
        if real is None:
            tokens = torch.tensor([[3, 2, 0, 0], [4, 4, 2, 0], [3, 3, 4, 2], [4, 2, 0, 0]])
            real = SequenceBatch(tokens, torch.tensor([2, 3, 4, 2]))
        return Turn(real, judge(real), judge, lambda *_: torch.tensor(0.0), Draws(seed, "noise"), 0.0)

    return make


@pytest.fixture
def judge(discriminator: Callable[..., Discriminator]) -> Callable[..., Discriminator]:
    """Make a discriminator of five tokens whose scores lie far apart."""

    def make(*, bidirectional: bool = True, **settings: Any) -> Discriminator:
        encoder = RecurrentEncoder(4, cell="gru", hidden_dim=5, bidirectional=bidirectional)
        network = discriminator(TokenSpace(5), [encoder], **settings).requires_grad_(False).eval()
        for parameter in network.parameters():
            parameter.mul_(4)
        return network

    return make
