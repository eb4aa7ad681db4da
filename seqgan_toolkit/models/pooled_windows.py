"""A convolution over time and the maximum of it, without ever holding the responses of all windows at once.

Legend: N sequences of numbers, T steps, K steps in a window, C channels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

CHUNK_VALUES = 400_000
"""Responses computed at once: 1.6 MB, which stays in a processor's cache between product and maximum."""


def strongest_windows(values: torch.Tensor, mask: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """Return the largest response [N, C] of every channel over the windows that begin within the sequence.

    The responses are [N, T, C], mostly of windows that lose: they are computed in chunks, and once more when the
    gradient is due, which is cheaper than to write them to memory and read them.

    Args:
        values: [N, T]; a window that reaches beyond its sequence sees zeros there.
        mask: bool [N, T], true on the steps of a sequence; at least one.
        kernels: [K, C].
    """
    # Ties are found by equality, which needs both computations in one precision.
    with torch.autocast(values.device.type, enabled=False):
        strongest: torch.Tensor = _StrongestWindows.apply((values * mask).float(), mask, kernels.float())
    return strongest


class _StrongestWindows(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: torch.Tensor, mask: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
        windows, weights = _windows(values, mask, kernels)
        strongest = values.new_empty(len(values), kernels.shape[1])
        for rows in _chunks(windows, strongest):
            strongest[rows] = _responses(windows[rows], weights).amax(1)
        context.save_for_backward(values, mask, kernels, strongest)
        return strongest

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, None, torch.Tensor | None]:
        values, mask, kernels, strongest = context.saved_tensors
        if torch.is_grad_enabled():
            return _differentiable_gradients(context, gradient)
        windows, weights = _windows(values, mask, kernels)
        for_weights, for_windows = torch.zeros_like(weights), torch.empty_like(windows)
        for rows in _chunks(windows, strongest):
            responses, best = _responses(windows[rows], weights), strongest[rows, None]
            # In place and in floating point: 1 where a window won, 0 elsewhere. Windows that tie share the gradient.
            won = responses.eq_(best)
            won.mul_((gradient[rows] / won.sum(1))[:, None])
            won = won.flatten(0, 1)
            if context.needs_input_grad[2]:
                for_weights.addmm_(windows[rows].flatten(0, 1).T, won)
            for_windows[rows] = (weights @ won.T).T.view_as(windows[rows])
        width, steps = len(kernels), values.shape[1]
        for_values = torch.zeros(len(values), steps + width - 1, dtype=values.dtype, device=values.device)
        for offset in range(width):
            for_values[:, offset : offset + steps] += for_windows[..., offset]
        return for_values[:, :steps], None, for_weights[:width]


def _windows(values: torch.Tensor, mask: torch.Tensor, kernels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the windows [N, T, K + 1] and weights [K + 1, C]; a last entry lets windows outside the sequence lose."""
    width = len(kernels)
    windows = functional.pad(values, (0, width - 1)).unfold(1, width, 1)
    outside = (~mask).to(values.dtype)[..., None]
    return torch.cat([windows, outside], dim=-1), functional.pad(kernels, (0, 0, 0, 1), value=-1e30)


def _responses(windows: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (windows.flatten(0, 1) @ weights).view(*windows.shape[:2], -1)


def _chunks(windows: torch.Tensor, strongest: torch.Tensor) -> list[slice]:
    rows, steps, channels = len(windows), windows.shape[1], strongest.shape[1]
    size = max(1, CHUNK_VALUES // (steps * channels)) if windows.device.type == "cpu" else 1024
    return [slice(start, start + size) for start in range(0, rows, size)]


def _differentiable_gradients(
    context: Any, gradient: torch.Tensor
) -> tuple[torch.Tensor | None, None, torch.Tensor | None]:
    """Return the gradients with a graph of their own, as a penalty by double backward needs them."""
    values, mask, kernels, _ = context.saved_tensors
    strongest = _responses(*_windows(values, mask, kernels)).amax(1)
    needed = [tensor for tensor in (values, kernels) if tensor.requires_grad]
    found = dict(zip(needed, torch.autograd.grad(strongest, needed, gradient, create_graph=True), strict=True))
    return found.get(values), None, found.get(kernels)
