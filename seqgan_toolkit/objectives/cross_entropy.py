"""The cross-entropy of a softmax head, made and differentiated in pieces that stay in the cache."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

LOGITS_AT_ONCE = 2**20
"""Logits that are made at once on a CPU: 4 MB. Fewer leave the products of a wide head too few rows."""


def summed_cross_entropy(inputs: torch.Tensor, head: nn.Linear, targets: torch.Tensor) -> torch.Tensor:
    """Return the sum of -log softmax(head(inputs)) at the targets, in nats.

    On a CPU the logits of a batch are more than its cache holds, and going through them six times is most of a step:
    there the gradient is made with the value, for some rows at a time, and the logits of all rows never exist.

    Args:
        inputs: [N, D], of the head.
        head: D to V.
        targets: int64 [N].
    """
    if inputs.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
        return functional.cross_entropy(head(inputs).float(), targets, reduction="sum")
    total: torch.Tensor = _InPieces.apply(inputs, head.weight, head.bias, targets)
    return total


class _InPieces(torch.autograd.Function):
    """The gradient of the logits is softmax less the one-hot target, whatever comes behind but for its scale."""

    @staticmethod
    def forward(
        ctx: Any, inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, targets: torch.Tensor
    ) -> torch.Tensor:
        by_inputs, by_weight, by_bias = torch.empty_like(inputs), torch.zeros_like(weight), torch.zeros_like(bias)
        total = inputs.new_zeros(())
        rows = max(1, LOGITS_AT_ONCE // len(weight))
        for first in range(0, len(inputs), rows):
            piece, target = inputs[first : first + rows], targets[first : first + rows, None]
            logits = functional.linear(piece, weight, bias)
            norm = logits.logsumexp(-1, keepdim=True)
            total += (norm - logits.gather(1, target)).sum()
            error = logits.sub_(norm).exp_().scatter_add_(1, target, torch.full_like(norm, -1.0))
            torch.mm(error, weight, out=by_inputs[first : first + rows])
            by_weight.addmm_(error.T, piece)
            by_bias += error.sum(0)
        ctx.save_for_backward(by_inputs, by_weight, by_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *above: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        by_inputs, by_weight, by_bias = ctx.saved_tensors
        return above[0] * by_inputs, above[0] * by_weight, above[0] * by_bias, None
