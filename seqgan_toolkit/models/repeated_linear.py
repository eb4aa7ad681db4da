"""Linear layers that run at every step of a loop, with one gradient of their weights for all of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional


class RepeatedLinear(nn.Linear):
    """A linear layer that runs at every step of a loop.

    Autograd alone makes a gradient as large as the weights at every step, and adds it to that of the others. Within
    `one_gradient` what the steps saw is kept, and the gradient is one product over all of them.
    """

    _loop: _Loop | None = None

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return [..., out_features] of inputs [..., in_features]."""
        return super().forward(inputs) if self._loop is None else self._loop(inputs)


@contextmanager
def one_gradient(network: nn.Module) -> Iterator[None]:
    """Give every `RepeatedLinear` of `network` one gradient for all its steps of a while.

    The result has no second derivative, and its graph is for the gradient of the weights: a backward that leaves them
    out must not come before one that does not.
    """
    layers = [module for module in network.modules() if isinstance(module, RepeatedLinear)]
    before = [layer._loop for layer in layers]
    try:
        for layer in layers:
            layer._loop = _Loop(layer) if torch.is_grad_enabled() and layer.weight.requires_grad else None
        yield
    finally:
        for layer, loop in zip(layers, before, strict=True):
            layer._loop = loop


class _Loop:
    """One layer during one loop: what its steps saw, and the link by which autograd comes to the weights last."""

    def __init__(self, layer: RepeatedLinear) -> None:
        device = layer.weight.device.type
        lower = torch.is_autocast_enabled(device)
        self.dtype = torch.get_autocast_dtype(device) if lower else layer.weight.dtype
        weight = layer.weight.to(self.dtype)
        bias = None if layer.bias is None else layer.bias.to(self.dtype)
        self.steps: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.link = _Weights.apply(weight, bias, self.steps)
        self.weight, self.bias = weight.detach(), None if bias is None else bias.detach()

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return [..., out_features] of inputs [..., in_features]."""
        outputs: torch.Tensor = _Step.apply(inputs.to(self.dtype), self.link, self.weight, self.bias, self.steps)
        return outputs


class _Weights(torch.autograd.Function):
    """Stands before all steps in the graph, so that its backward comes after theirs."""

    @staticmethod
    def forward(context: Any, weight: torch.Tensor, bias: torch.Tensor | None, steps: list[Any]) -> torch.Tensor:
        context.steps, context.biased = steps, bias is not None
        return weight.new_zeros((), dtype=torch.float32)

    @staticmethod
    @once_differentiable
    def backward(context: Any, count: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None, None]:
        if int(count) != len(context.steps):
            raise RuntimeError("a backward that left the weights out came before this one")
        inputs, gradients = (torch.cat(parts) for parts in zip(*context.steps, strict=True))
        context.steps.clear()
        return gradients.T @ inputs, gradients.sum(0) if context.biased else None, None


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any,
        inputs: torch.Tensor,
        link: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        steps: list[Any],
    ) -> torch.Tensor:
        context.save_for_backward(inputs, weight)
        context.steps = steps
        return functional.linear(inputs, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        inputs, weight = context.saved_tensors
        context.steps.append((inputs.flatten(0, -2), gradient.flatten(0, -2)))
        # What reaches the weights over the link is the number of steps.
        one = gradient.new_ones((), dtype=torch.float32)
        return gradient @ weight if context.needs_input_grad[0] else None, one, None, None, None
