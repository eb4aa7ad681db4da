from __future__ import annotations

import torch
from torch import nn

from seqgan_toolkit.labels import Factors
from seqgan_toolkit.models.heads import ProjectedScore
from seqgan_toolkit.models.label_factors import FactoredEmbedding, share_factors
from seqgan_toolkit.models.parts import LabelEmbedding

FACTORS = Factors.of([f"digit={digit},speaker={speaker}" for digit in range(10) for speaker in "abcdef"])
LABELS = torch.arange(60)


def test_a_label_is_the_sum_of_its_factors() -> None:
    torch.manual_seed(0)
    embedding = FactoredEmbedding(FACTORS, 64, 0.5)
    assert embedding.values.weight.shape == (16, 64)
    embedded = embedding(LABELS).view(10, 6, 64)
    # Additive: what a speaker adds is the same for every digit.
    differences = embedded[:, 1] - embedded[:, 0]
    torch.testing.assert_close(differences, differences[:1].expand_as(differences))
    assert not torch.allclose(embedded[0, 0], embedded[1, 0])
    assert 0.45 < float(embedded.detach().std()) < 0.55


def test_the_label_enters_networks_by_its_factors_where_it_has_several() -> None:
    network = nn.ModuleList([LabelEmbedding(60, 8), ProjectedScore(4, 60), LabelEmbedding(0, 8), ProjectedScore(4, 0)])
    share_factors(network, FACTORS)
    assert [tuple(weight.shape) for name, weight in network.named_parameters() if "values" in name] == [
        (16, 8),
        (16, 4),
    ]
    assert network[0](LABELS, 60, torch.zeros(1)).shape == (60, 8)
    assert network[1](torch.ones(60, 4), LABELS).shape == (60,)
    before = network.state_dict()
    share_factors(network, FACTORS)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_labels_of_one_factor_stay_as_they_are() -> None:
    network = nn.ModuleList([LabelEmbedding(3, 8), ProjectedScore(4, 3)])
    share_factors(network, Factors.of(["x", "y", "z"]))
    assert [name for name, _ in network.named_parameters()] == [
        "0.table.weight",
        "1.linear.weight",
        "1.linear.bias",
        "1.labels.weight",
    ]
