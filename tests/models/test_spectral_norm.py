from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, RecurrentEncoder
from seqgan_toolkit.models.spectral_norm import add_spectral_norm, switch_power_iteration
from seqgan_toolkit.models.transformer_encoder import TransformerEncoder
from seqgan_toolkit.sequences import FrameSpace

Make = Callable[..., Discriminator]


@pytest.fixture
def network(discriminator: Make) -> Discriminator:
    encoders = [
        RecurrentEncoder(2, cell="gru", hidden_dim=5),
        ConvolutionalEncoder(2, widths=(2, 3), channels=3, highway=True),
        TransformerEncoder(2, hidden_dim=4, num_layers=1, num_heads=2),
    ]
    made = discriminator(FrameSpace(2), encoders)
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(3)
    add_spectral_norm(made)
    return made


def test_projections_have_the_norm_one_and_recurrences_stay(network: Discriminator) -> None:
    projections = [module for module in network.modules() if isinstance(module, nn.Linear | nn.Conv1d)]
    assert len(projections) == 1 + 1 + 2 + 2 + 5
    for module in projections:
        for _ in range(30):
            weight = module.weight
        assert float(torch.linalg.matrix_norm(weight.detach().flatten(1), 2)) == pytest.approx(1, abs=0.01)
    assert "weight_hh_l0" in dict(network.encoders[0].forwards[0].named_parameters())


def test_held_estimates_do_not_move(network: Discriminator) -> None:
    inputs, lengths = torch.randn(4, 6, 2), torch.full((4,), 6)
    for on in (True, False):
        switch_power_iteration(network, on=on)
        before = {name: value.clone() for name, value in network.named_buffers()}
        network.judge(inputs, lengths, None)
        moved = [name for name, value in network.named_buffers() if not torch.equal(value, before[name])]
        assert bool(moved) == on
