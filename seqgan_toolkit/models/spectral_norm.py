"""Spectral norm on the projections of a discriminator (Miyato et al. 2018)."""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrizations, parametrize


def add_spectral_norm(network: nn.Module) -> None:
    """Divide the weight of every linear and convolutional layer of `network` by its largest singular value.

    Recurrent weights stay as they are: cuDNN wants them in one piece. Embeddings stay too.
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d):
            parametrizations.spectral_norm(module)


def switch_power_iteration(network: nn.Module, *, on: bool) -> None:
    """Let the estimates of singular values move whenever a weight is used, or hold them."""
    for module in network.modules():
        if parametrize.is_parametrized(module):
            assert isinstance(module.parametrizations, nn.ModuleDict)
            module.parametrizations.train(on)
