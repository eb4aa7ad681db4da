from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.models import pooled_windows
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.pooled_windows import strongest_windows
from seqgan_toolkit.objectives.penalties import exact_penalty, unit_norm_penalty
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, TokenSpace, length_mask

Make = Callable[..., Discriminator]
LENGTHS = torch.tensor([7, 1, 4])


def encoder(dim: int = 4, **settings: bool | float) -> MultiRepresentationEncoder:
    torch.manual_seed(3)
    return MultiRepresentationEncoder(dim, widths=(1, 2, 5), channels=3, **settings)


def naive(encoder: MultiRepresentationEncoder, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """One representation after the other, one window after the other."""
    rows = []
    for sequence, length in zip(inputs, lengths.tolist(), strict=True):
        representations = []
        for column in sequence[:length].T:
            padded = functional.pad(column, (0, 4))
            found = []
            for bank in encoder.banks:
                width = bank.weight.shape[-1]
                windows = [bank.weight[:, 0] @ padded[start : start + width] for start in range(length)]
                found.append(functional.leaky_relu(torch.stack(windows).amax(0) + bank.bias, encoder.leak))
            representations.append(encoder.highway(torch.cat(found)))
        rows.append(torch.stack(representations))
    return torch.stack(rows)


@pytest.mark.parametrize("highway", [False, True])
@pytest.mark.parametrize("leak", [0.0, 0.2])
@pytest.mark.parametrize("chunk", [1, 80, 10_000])
def test_it_equals_one_convolution_after_the_other(
    highway: bool, leak: float, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooled_windows, "CHUNK_VALUES", chunk)
    network, inputs = encoder(highway=highway, leak=leak), torch.randn(3, 7, 4, requires_grad=True)
    weights = [inputs, *network.parameters()]
    target = torch.randn(3, 4, 9)
    found, expected = network(inputs, LENGTHS), naive(network, inputs, LENGTHS)
    torch.testing.assert_close(found, expected)
    gradients = [torch.autograd.grad((values * target).sum(), weights) for values in (found, expected)]
    for mine, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


def test_windows_that_tie_share_the_gradient() -> None:
    values = torch.ones(1, 4, requires_grad=True)
    mask, kernels = torch.ones(1, 4, dtype=torch.bool), torch.tensor([[1.0], [1.0]], requires_grad=True)
    strongest_windows(values, mask, kernels, torch.zeros(1), 0.0).sum().backward()
    # Three windows of two ones win alike; the fourth reaches into padding.
    torch.testing.assert_close(values.grad, torch.tensor([[1.0, 2.0, 2.0, 1.0]]) / 3)
    torch.testing.assert_close(kernels.grad, torch.ones(2, 1))


def test_frozen_kernels_pass_the_gradient_on() -> None:
    network, inputs = encoder(), torch.randn(3, 7, 4, requires_grad=True)
    expected = torch.autograd.grad(network(inputs, LENGTHS).sum(), inputs)
    network.requires_grad_(False)
    torch.testing.assert_close(torch.autograd.grad(network(inputs, LENGTHS).sum(), inputs), expected)


@pytest.mark.parametrize("penalty", [exact_penalty, unit_norm_penalty])
def test_penalties_by_double_backward(discriminator: Make, penalty: Callable[..., torch.Tensor]) -> None:
    judge, inputs = discriminator(TokenSpace(6), [encoder()]), torch.randn(3, 7, 4)
    mask = length_mask(LENGTHS, 7)
    weights = [judge.heads[0].dense.weight, *(bank.weight for bank in judge.encoders[0].banks)]
    gradients, values = [], []
    for encode in (judge.encoders[0].forward, lambda given, lengths: naive(judge.encoders[0], given, lengths)):

        def scored(given: torch.Tensor, encode: Callable[..., torch.Tensor] = encode) -> object:
            judge.encoders[0].forward = encode
            return judge.judge(given, LENGTHS, None)

        value = penalty(scored, inputs, mask, 2.0)
        values.append(value.detach())
        gradients.append(torch.autograd.grad(value, weights))
    torch.testing.assert_close(*values)
    for mine, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("num_labels", [0, 3])
def test_each_representation_is_scored_alone(discriminator: Make, num_labels: int) -> None:
    judge = discriminator(TokenSpace(6), [encoder()], num_labels=num_labels)
    labels = torch.tensor([0, 2, 1]) if num_labels else None
    inputs = torch.randn(3, 7, 4)
    verdict = judge.judge(inputs, LENGTHS, labels)
    assert verdict.scores.shape == verdict.mask.shape == (3, 4)
    assert verdict.features.shape == (3, 4 * 6)
    changed = inputs.clone()
    changed[:, 0, 2] += 5
    moved = (judge.judge(changed, LENGTHS, labels).scores != verdict.scores).any(0)
    assert moved.tolist() == [False, False, True, False]


def test_soft_tokens_on_the_corners_and_padding(discriminator: Make) -> None:
    judge = discriminator(TokenSpace(6), [encoder(highway=True)])
    tokens = torch.randint(3, 6, (3, 7), generator=torch.Generator().manual_seed(2))
    hard = judge(SequenceBatch(tokens, LENGTHS)).scores
    soft = SequenceBatch(functional.one_hot(tokens, 6).float(), LENGTHS)
    torch.testing.assert_close(judge(soft).scores, hard)
    wider = SequenceBatch(functional.pad(tokens, (0, 3), value=5), LENGTHS)
    torch.testing.assert_close(judge(wider).scores, hard)


def test_it_scores_frames(discriminator: Make) -> None:
    judge = discriminator(FrameSpace(2), [encoder(2)])
    assert judge(SequenceBatch(torch.rand(3, 7, 2), LENGTHS)).scores.shape == (3, 2)


def test_its_dropout_is_scaled(discriminator: Make) -> None:
    network = encoder(dropout=0.5)
    inputs, rows = torch.ones(1, 7, 4), torch.tensor([7])
    network.eval()
    expected = network(inputs, rows)
    network.train()
    mean = torch.stack([network(inputs, rows) for _ in range(400)]).mean(0)
    torch.testing.assert_close(mean, expected, rtol=0.3, atol=0.05)
