"""The batch of all processes together, for losses that are no mean over sequences."""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed


def whole_batch(rows: torch.Tensor) -> torch.Tensor:
    """Return the rows of every process [processes x B, ...], of which rows [B, ...] are this one's; with a gradient.

    Each process then works on the whole batch, and the mean over processes of the gradients that it gets is the
    gradient on one process. The shape must be the same on all of them.
    """
    if not distributed.is_initialized():
        return rows
    gathered: torch.Tensor = _Gather.apply(rows)
    return gathered


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, rows: torch.Tensor) -> torch.Tensor:
        parts = [torch.empty_like(rows) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
        # What this process's rows contributed to the losses of all processes.
        gradient = gradient.contiguous().clone()
        distributed.all_reduce(gradient)
        return gradient.chunk(distributed.get_world_size())[distributed.get_rank()]
