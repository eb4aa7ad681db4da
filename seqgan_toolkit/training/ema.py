"""The moving average of the generator's weights, which is what generates."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class MovingAverage:
    """An exponential moving average of a network's weights.

    It starts as the mean of what it has seen and reaches `decay` as steps go by, so that the random first weights do
    not linger.

    Args:
        network: the network that trains.
        averaged: a network of the same shape that holds the average, in evaluation mode.
        decay: the weight of the past at every step.
    """

    def __init__(self, network: nn.Module, averaged: nn.Module, decay: float) -> None:
        self.network, self.averaged, self.decay = network, averaged.eval().requires_grad_(False), decay
        self.averaged.load_state_dict(network.state_dict())
        self.num_updates = 0

    @torch.no_grad()
    def update(self, half_life: float = 1.0) -> None:
        """Take in the network's weights after a step.

        Args:
            half_life: that of the average, as a share of the one that `decay` has.
        """
        self.num_updates += 1
        decay = self.decay ** (1 / half_life) if half_life else 0.0
        decay = min(decay, self.num_updates / (self.num_updates + 9))
        torch._foreach_lerp_(_tensors(self.averaged), _tensors(self.network), 1 - decay)

    def restart(self) -> None:
        """Let the network go on from the average, as a new phase does."""
        self.network.load_state_dict(self.averaged.state_dict())
        self.num_updates = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the averaged weights and how many steps are in them."""
        return {"weights": self.averaged.state_dict(), "num_updates": self.num_updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.averaged.load_state_dict(state["weights"])
        self.num_updates = state["num_updates"]


def _tensors(network: nn.Module) -> list[torch.Tensor]:
    """Return what is averaged, each tensor once: a state dict holds a tied one under both of its names.

    Buffers of whole numbers are indices, which do not change.
    """
    buffers = [buffer for buffer in network.buffers() if buffer.is_floating_point()]
    return [parameter.data for parameter in network.parameters()] + buffers
