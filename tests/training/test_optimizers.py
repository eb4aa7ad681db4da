from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent, NonFiniteLossError


def descent(network: nn.Module, **settings: Any) -> Descent:
    usual = {"lr": 0.1, "betas": (0.9, 0.99), "weight_decay": 0.0, "clip": 5.0, "decay_from": 0.5, "final_lr": 0.1}
    return Descent(network, **{**usual, **settings}, ranks=Ranks())


@pytest.fixture
def network() -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(3, 2)


@pytest.mark.parametrize("spoilt", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_changes_nothing(network: nn.Linear, spoilt: float) -> None:
    down = descent(network)
    down.step(network(torch.ones(1, 3)).sum(), "first", 0.0)
    before = copy.deepcopy((network.state_dict(), down.state_dict()))
    with pytest.raises(NonFiniteLossError, match="the loss 'generator' is -?(nan|inf)"):
        down.step(network(torch.ones(1, 3)).sum() * spoilt, "generator", 0.0)
    assert str(before) == str((network.state_dict(), down.state_dict()))


def test_a_gradient_that_is_not_finite_changes_nothing(network: nn.Linear) -> None:
    down, before = descent(network), copy.deepcopy(network.state_dict())
    loss = (network(torch.zeros(1, 3)).sum() * 0).abs().sqrt()
    with pytest.raises(NonFiniteLossError, match="the gradient of 'generator' has the norm nan"):
        down.step(loss, "generator", 0.0)
    assert str(before) == str(network.state_dict())


def test_the_gradient_is_clipped(network: nn.Linear) -> None:
    down = descent(network, clip=0.5)
    loss, norm = down.step(100 * network(torch.ones(1, 3)).sum(), "loss", 0.0)
    assert norm == pytest.approx(100 * 8**0.5, rel=1e-4)
    clipped = torch.cat([parameter.grad.flatten() for parameter in network.parameters()])
    assert float(clipped.norm()) == pytest.approx(0.5, rel=1e-4)
    assert isinstance(loss, float)


def test_a_small_gradient_is_left_as_it_is(network: nn.Linear) -> None:
    _, norm = descent(network, clip=3.0).step(network(torch.ones(1, 3)).sum(), "loss", 0.0)
    assert norm == pytest.approx(8**0.5)
    assert all((parameter.grad == 1).all() for parameter in network.parameters())


def test_the_learning_rate_is_held_and_falls(network: nn.Linear) -> None:
    down, rates = descent(network, lr=0.2, decay_from=0.5, final_lr=0.1), []
    for done in (0.0, 0.5, 0.75, 1.0):
        down.step(network(torch.ones(1, 3)).sum(), "loss", done)
        rates.append(down.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.2, 0.2, 0.11, 0.02])


def test_a_cosine_falls_from_the_first_step(network: nn.Linear) -> None:
    down, rates = descent(network, lr=0.2, decay_from=0.0, final_lr=0.1, schedule="cosine"), []
    for done in (0.0, 0.25, 0.5, 1.0):
        down.step(network(torch.ones(1, 3)).sum(), "loss", done)
        rates.append(down.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.2, 0.02 + 0.09 * (1 + 0.5**0.5), 0.11, 0.02])


def test_beta2_moves_along_a_cosine(network: nn.Linear) -> None:
    down, found = descent(network, betas=(0.0, 0.9), final_beta2=0.99), []
    for done in (0.0, 0.25, 0.5, 1.0):
        down.step(network(torch.ones(1, 3)).sum(), "loss", done)
        found.append(down.optimizer.param_groups[0]["betas"])
    assert found == [(0.0, pytest.approx(beta)) for beta in (0.9, 0.945 - 0.045 * 0.5**0.5, 0.945, 0.99)]


def test_plain_descent_goes_down_the_gradient_and_decays(network: nn.Linear) -> None:
    before = copy.deepcopy(network.state_dict())
    down = descent(network, kind="sgd", lr=0.1, weight_decay=0.5, clip=100.0)
    for done, rate in ((0.0, 0.1), (0.75, 0.1 * 0.55)):
        down.step(3 * network(torch.ones(1, 3)).sum(), "loss", done)
        before["weight"] = before["weight"] * (1 - rate * 0.5) - rate * 3
        before["bias"] = before["bias"] - rate * 3
    torch.testing.assert_close(dict(network.state_dict()), dict(before))


def test_the_first_step_has_the_size_of_the_learning_rate(network: nn.Linear) -> None:
    before = network.weight.detach().clone()
    descent(network, lr=0.05).step(network(torch.ones(1, 3)).sum(), "loss", 0.0)
    torch.testing.assert_close(before - network.weight.detach(), torch.full((2, 3), 0.05), rtol=1e-4, atol=1e-5)


def test_only_matrices_decay(network: nn.Linear) -> None:
    before = copy.deepcopy(network.state_dict())
    descent(network, lr=0.1, weight_decay=0.5).step(network(torch.ones(1, 3)).sum() * 0, "loss", 0.0)
    torch.testing.assert_close(network.weight.detach(), before["weight"] * 0.95)
    assert torch.equal(network.bias.detach(), before["bias"])


def test_only_chosen_matrices_decay() -> None:
    network = nn.ModuleDict({"head": nn.Linear(3, 2), "heading": nn.Linear(3, 2)})
    before = copy.deepcopy(network.state_dict())
    loss = sum(layer(torch.ones(1, 3)).sum() for layer in network.values()) * 0
    descent(network, lr=0.1, weight_decay=0.5, decay_only=["head"]).step(loss, "loss", 0.0)
    torch.testing.assert_close(network["head"].weight.detach(), before["head.weight"] * 0.95)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items() if name[:6] != "head.w")


def test_an_unknown_prefix_is_refused(network: nn.Linear) -> None:
    with pytest.raises(UserError, match="decay_only: there is no parameter 'head'. Known here: weight, bias"):
        descent(network, decay_only=["head"])


def test_frozen_parameters_are_left_alone(network: nn.Linear) -> None:
    network.bias.requires_grad_(False)
    before = network.bias.clone()
    descent(network).step(network(torch.ones(1, 3)).sum(), "loss", 0.0)
    assert torch.equal(network.bias, before)


def test_it_goes_on_where_it_stood(network: nn.Linear) -> None:
    inputs, down = torch.randn(6, 4, 3), descent(network)
    for step in range(3):
        down.step(network(inputs[step]).square().mean(), "loss", step / 6)
    twin = copy.deepcopy(network)
    other = descent(twin, lr=0.7)
    other.lr = 0.1
    other.load_state_dict(copy.deepcopy(down.state_dict()))
    for step in range(3, 6):
        for each, way in ((network, down), (twin, other)):
            way.step(each(inputs[step]).square().mean(), "loss", step / 6)
    assert torch.equal(twin.weight, network.weight)
