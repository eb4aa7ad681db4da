from __future__ import annotations

import pytest
import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.parts import (
    Dropout,
    Highway,
    LabelEmbedding,
    LengthTable,
    draw_parameters,
    reverse_within,
    switch_dropout,
    use_draws,
    without_dropout,
)


def test_lengths_come_as_in_the_data() -> None:
    generator = torch.Generator().manual_seed(1)
    lengths = torch.randint(5, 40, (3000,), generator=generator)
    table = LengthTable(0)
    table.fit(lengths, None)
    drawn = table(None, Draws(1, "lengths").uniform(20_000))
    assert drawn.dtype == torch.int64
    assert (int(drawn.min()), int(drawn.max())) == (5, 39)
    levels = torch.linspace(0.05, 0.95, 19)
    expected, found = (torch.quantile(values.float(), levels) for values in (lengths, drawn))
    assert (expected - found).abs().max() <= 1


def test_each_label_has_lengths_of_its_own() -> None:
    table = LengthTable(3)
    table.fit(torch.tensor([4, 4, 9, 11]), torch.tensor([0, 0, 2, 2]))
    drawn = table(torch.tensor([0, 0, 2, 2]), torch.tensor([0.0, 0.999, 0.0, 0.999]))
    assert drawn.tolist() == [4, 4, 9, 11]
    assert table(torch.tensor([1, 1]), torch.tensor([0.0, 0.999])).tolist() == [4, 11], "one that never came has all"


def test_lengths_never_leave_the_data() -> None:
    table = LengthTable(0)
    table.fit(torch.tensor([2, 7]), None)
    edges = torch.tensor([0.0, 1 - 2**-24])
    assert table(None, edges).tolist() == [2, 7]


def test_dropout_repeats_with_its_stream() -> None:
    dropout, draws = Dropout(0.4), Draws(1, "dropout")
    use_draws(dropout, draws)
    before = draws.state_dict()
    first = dropout(torch.ones(50, 40))
    draws.load_state_dict(before)
    assert torch.equal(dropout(torch.ones(50, 40)), first)
    assert first.unique().tolist() == [0, pytest.approx(1 / 0.6)]
    assert (first == 0).float().mean() == pytest.approx(0.4, abs=4 * (0.24 / 2000) ** 0.5)


def test_dropout_zeroes_what_its_numbers_say() -> None:
    dropout, values = Dropout(0.4), torch.randn(50, 40, requires_grad=True)
    numbers = Draws(1, "dropout").uniform(50, 40)
    use_draws(dropout, Draws(1, "dropout"))
    dropped = dropout(values)
    torch.testing.assert_close(dropped, values * (numbers >= 0.4) / 0.6)
    (gradient,) = torch.autograd.grad(dropped.sum(), values)
    torch.testing.assert_close(gradient, (numbers >= 0.4) / 0.6)


def test_dropout_is_switched_without_the_mode_of_the_rest() -> None:
    network = torch.nn.Sequential(torch.nn.GRU(2, 2), Dropout(0.5)).train()
    switch_dropout(network, on=False)
    assert (network[0].training, network[1].training) == (True, False)
    switch_dropout(network, on=True)
    assert network[1].training


def test_reverse_within_lengths() -> None:
    values = torch.tensor([[1, 2, 3, 9], [1, 9, 9, 9], [1, 2, 3, 4]])[..., None]
    reversed_values = reverse_within(values, torch.tensor([3, 1, 4]))
    assert reversed_values[..., 0].tolist() == [[3, 2, 1, 9], [1, 9, 9, 9], [4, 3, 2, 1]]


def test_no_labels_make_an_empty_embedding() -> None:
    assert LabelEmbedding(0, 7)(None, 3, torch.zeros(1)).shape == (3, 0)


def test_dropout_comes_back_after_a_while_without() -> None:
    network = torch.nn.Sequential(Dropout(0.5), Dropout(0.5), torch.nn.Linear(2, 2))
    network[1].eval()
    with without_dropout(network):
        assert [module.training for module in network] == [False, False, True]
    assert [module.training for module in network] == [True, False, True]


def test_parameters_are_drawn_with_one_spread() -> None:
    network = nn.Sequential(nn.Embedding(100, 32), nn.LSTM(32, 48), nn.Linear(48, 500))
    torch.manual_seed(1)
    draw_parameters(network, 0.1)
    for parameter in network.parameters():
        values = parameter.detach()
        assert abs(float(values.mean())) < 0.02
        assert 0.08 < float(values.std()) < 0.12


def test_a_highway_is_its_formula_with_two_maps() -> None:
    torch.manual_seed(1)
    highway, values = Highway(4), torch.randn(3, 4)
    share = torch.sigmoid(values @ highway.gate.weight.T + highway.gate.bias)
    made = (values @ highway.transform.weight.T + highway.transform.bias).relu()
    torch.testing.assert_close(highway(values), share * made + (1 - share) * values)
    assert not torch.equal(highway.gate.weight, highway.transform.weight)
    # Most is carried at first.
    assert share.mean() < 0.3
