"""A convolution over time and the maximum of it, without ever holding the responses of all windows at once.

Legend: N sequences of numbers, T steps, K steps in a window, C channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn import functional

CHUNK_VALUES = 200_000
"""Responses that each thread computes at once: .8 MB, which stay in a core's cache from the product to the maximum."""


def strongest_windows(
    values: torch.Tensor, mask: torch.Tensor, kernels: torch.Tensor, biases: torch.Tensor, leak: float
) -> torch.Tensor:
    """Return the largest activated response [N, C] of every channel over the windows that begin within the sequence.

    The responses are [N, T, C], mostly of windows that lose: they are computed in chunks, and once more when the
    gradient is due, which is cheaper than to write them to memory and read them. The activation rises and does not
    change which window is the strongest; it is taken here because fresh memory of [N, C] costs more than the work.

    Args:
        values: [N, T]; a window that reaches beyond its sequence sees zeros there.
        mask: bool [N, T], true on the steps of a sequence; at least one.
        kernels: [K, C].
        biases: [C].
        leak: slope of the activation below zero; 0 is ReLU.
    """
    # Ties are found by equality, which needs both computations in one precision.
    with torch.autocast(values.device.type, enabled=False):
        weights = torch.cat([kernels, biases[None]]).float()
        strongest: torch.Tensor = _StrongestWindows.apply((values * mask).float(), mask, weights, leak)
    return strongest


class _StrongestWindows(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, values: torch.Tensor, mask: torch.Tensor, weights: torch.Tensor, leak: float
    ) -> torch.Tensor:
        windows, losing = _windows(values, mask, weights)
        strongest = values.new_empty(len(values), weights.shape[1])
        for some, room, best in _chunks(windows, strongest):
            torch.amax(_responses(some, losing, room), 1, out=best)
            functional.leaky_relu_(best, leak)
        context.save_for_backward(values, mask, weights, strongest)
        context.leak = leak
        return strongest

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, None, torch.Tensor | None, None]:
        values, mask, weights, strongest = context.saved_tensors
        if torch.is_grad_enabled():
            return _differentiable_gradients(context, gradient)
        windows, losing = _windows(values, mask, weights)
        width, steps = len(weights) - 1, values.shape[1]
        kernels, for_weights, for_windows = weights[:width], torch.zeros_like(losing), []
        for some, room, best, due in _chunks(windows, strongest, gradient):
            responses = _responses(some, losing, room)
            if context.leak:
                functional.leaky_relu_(responses, context.leak)
            # In place and in floating point: 1 where a window won, 0 elsewhere. Windows that tie share the gradient.
            won = responses.eq_(best[:, None])
            # Under ReLU, where all are below zero, none has won, and no gradient is due.
            ties = won.sum(1).clamp_(min=1)
            due = torch.ops.aten.leaky_relu_backward(due, best, context.leak, True).div_(ties)
            won = won.mul_(due[:, None]).flatten(0, 1)
            if context.needs_input_grad[2]:
                for_weights.addmm_(some.flatten(0, 1).T, won)
            for_windows.append(kernels @ won.T)
        for_values = values.new_zeros(len(values), steps + width - 1)
        for offset, part in enumerate(torch.cat(for_windows, dim=1).view(width, -1, steps)):
            for_values[:, offset : offset + steps] += part
        return for_values[:, :steps], None, for_weights[:-1], None


def _windows(values: torch.Tensor, mask: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the windows [N, T, K + 2] and what they are multiplied with [K + 2, C], for weights [K + 1, C].

    Beside the K steps of a window stand a 1 for the bias, and an entry that lets windows outside the sequence lose.
    """
    width = len(weights) - 1
    windows = functional.pad(values, (0, width - 1)).unfold(1, width, 1)
    outside = (~mask).to(values.dtype)[..., None]
    losing = functional.pad(weights, (0, 0, 0, 1), value=-1e30)
    return torch.cat([windows, torch.ones_like(outside), outside], dim=-1), losing


def _responses(windows: torch.Tensor, weights: torch.Tensor, room: torch.Tensor | None = None) -> torch.Tensor:
    """Return responses [N, T, C], written to `room` [N T, C] where it is given."""
    return torch.mm(windows.flatten(0, 1), weights, out=room).view(*windows.shape[:2], -1)


def _chunks(windows: torch.Tensor, *others: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """Take some sequences at a time of windows [N, T, K + 2] and of `others` [N, C].

    After the windows comes the room for their responses, the same memory every time.
    """
    (rows, steps, _), channels = windows.shape, others[0].shape[1]
    on_cpu = windows.device.type == "cpu"
    size = max(1, torch.get_num_threads() * CHUNK_VALUES // (steps * channels)) if on_cpu else 1024
    room = others[0].new_empty(min(size, rows) * steps, channels)
    for some, *parts in zip(*(torch.split(tensor, size) for tensor in (windows, *others)), strict=True):
        yield some, room[: len(some) * steps], *parts


def _differentiable_gradients(
    context: Any, gradient: torch.Tensor
) -> tuple[torch.Tensor | None, None, torch.Tensor | None, None]:
    """Return the gradients with a graph of their own, as a penalty by double backward needs them."""
    values, mask, weights, _ = context.saved_tensors
    strongest = functional.leaky_relu(_responses(*_windows(values, mask, weights)).amax(1), context.leak)
    needed = [tensor for tensor in (values, weights) if tensor.requires_grad]
    found = dict(zip(needed, torch.autograd.grad(strongest, needed, gradient, create_graph=True), strict=True))
    return found.get(values), None, found.get(weights), None
