from __future__ import annotations

import pytest
import torch
from torch import nn

from seqgan_toolkit.training.ema import MovingAverage


def weight(network: nn.Linear, value: float) -> None:
    with torch.no_grad():
        network.weight.fill_(value)


def average_of(decay: float) -> tuple[nn.Linear, MovingAverage]:
    network, averaged = nn.Linear(1, 1), nn.Linear(1, 1)
    weight(network, 4.0)
    return network, MovingAverage(network, averaged, decay)


def test_it_starts_as_the_network_and_forgets_its_start() -> None:
    network, average = average_of(0.999)
    assert average.averaged.weight.item() == 4.0
    weight(network, 0.0)
    shares = []
    for _ in range(30):
        average.update()
        shares.append(average.averaged.weight.item() / 4)
    assert shares[0] == pytest.approx(0.1)
    assert shares[1] == pytest.approx(0.1 * 2 / 11)
    assert shares[-1] < 1e-6


def test_it_reaches_its_decay() -> None:
    network, average = average_of(0.6)
    for _ in range(20):
        average.update()
    weight(network, 0.0)
    average.update()
    assert average.averaged.weight.item() == pytest.approx(4 * 0.6)


def test_a_shorter_half_life_forgets_sooner() -> None:
    network, average = average_of(0.5)
    average.num_updates = 1000
    weight(network, 0.0)
    left = []
    for half_life in (0.0, 0.5, 1.0):
        weight(average.averaged, 4.0)
        average.update(half_life)
        left.append(average.averaged.weight.item() / 4)
    # Half of it is left after one step where the half-life is one step, a quarter where it is half of one.
    assert left == pytest.approx([0.0, 0.25, 0.5])


def test_a_restart_gives_the_network_the_average() -> None:
    network, average = average_of(0.9)
    weight(network, 0.0)
    average.update()
    average.restart()
    assert network.weight.item() == pytest.approx(0.4)
    assert average.num_updates == 0
    network.weight.data.add_(1)
    assert average.averaged.weight.item() == pytest.approx(0.4), "they must not share memory"


def test_it_goes_on_where_it_stood() -> None:
    network, average = average_of(0.9)
    for value in (1.0, 2.0, 3.0):
        weight(network, value)
        average.update()
    other_network, other = average_of(0.9)
    other.load_state_dict({**average.state_dict(), "weights": dict(average.averaged.state_dict())})
    other_network.load_state_dict(network.state_dict())
    for each in (average, other):
        each.update()
    assert torch.equal(other.averaged.weight, average.averaged.weight)


def test_it_takes_no_gradient_and_stays_in_evaluation_mode() -> None:
    _, average = average_of(0.9)
    assert not average.averaged.training
    assert not any(parameter.requires_grad for parameter in average.averaged.parameters())


def test_a_tied_weight_is_averaged_once_and_stays_tied() -> None:
    def tied() -> nn.ModuleList:
        layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
        layers[1].weight = layers[0].weight
        weight(layers[0], 4.0)
        return layers

    network = tied()
    average = MovingAverage(network, tied(), 0.6)
    average.num_updates = 100
    weight(network[0], 0.0)
    average.update()
    assert average.averaged[1].weight.item() == pytest.approx(4 * 0.6)
    average.restart()
    assert network[1].weight is network[0].weight
    assert network[0].weight.item() == pytest.approx(4 * 0.6)
