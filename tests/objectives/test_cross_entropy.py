from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.objectives import cross_entropy
from seqgan_toolkit.objectives.cross_entropy import summed_cross_entropy


@pytest.mark.parametrize("at_once", [1, 40, 10_000])
def test_value_and_gradients_are_those_of_the_plain_cross_entropy(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cross_entropy, "LOGITS_AT_ONCE", at_once)
    torch.manual_seed(1)
    head, raw, targets = nn.Linear(5, 11).double(), torch.randn(23, 5, dtype=torch.float64), torch.randint(11, (23,))
    found = []
    for loss in (summed_cross_entropy, lambda x, head, y: functional.cross_entropy(head(x), y, reduction="sum")):
        inputs = raw.clone().requires_grad_()
        head.zero_grad()
        # What comes behind scales the gradient, and what comes before takes it further.
        value = loss(inputs.sin(), head, targets) / 7
        torch.autograd.backward(value)
        found.append([value.detach(), *(part.grad for part in (inputs, head.weight, head.bias))])
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain)


def test_large_logits_stay_finite() -> None:
    head = nn.Linear(2, 3)
    with torch.no_grad():
        head.weight.fill_(1e4)
    value = summed_cross_entropy(torch.ones(4, 2, requires_grad=True), head, torch.zeros(4, dtype=torch.int64))
    assert bool(value.detach().isfinite())


def test_weights_that_two_parts_share_get_both_gradients() -> None:
    torch.manual_seed(1)
    table, tokens, targets = nn.Embedding(7, 4), torch.tensor([1, 2, 2]), torch.tensor([0, 5, 2])
    head = nn.Linear(4, 7)
    head.weight = table.weight
    torch.autograd.backward(summed_cross_entropy(table(tokens), head, targets))
    assert table.weight.grad is not None
    found = table.weight.grad.clone()
    table.zero_grad()
    torch.autograd.backward(functional.cross_entropy(head(table(tokens)), targets, reduction="sum"))
    torch.testing.assert_close(found, table.weight.grad)
