"""Labels of several factors in networks: the sum of an embedding for each."""

from __future__ import annotations

import torch
from torch import nn

from seqgan_toolkit.labels import Factors
from seqgan_toolkit.models.heads import ProjectedScore
from seqgan_toolkit.models.parts import LabelEmbedding


class FactoredEmbedding(nn.Module):
    """An embedding of labels of several factors, so that a label learns from all that share a factor with it.

    Args:
        factors: of the labels.
        dim: the size of the embedding.
        std: the standard deviation of its first values.
    """

    rows: torch.Tensor

    def __init__(self, factors: Factors, dim: int, std: float) -> None:
        super().__init__()
        firsts = torch.tensor([sum(factors.sizes[:factor]) for factor in range(len(factors.names))])
        self.register_buffer("rows", torch.tensor(factors.table) + firsts, persistent=False)
        self.values = nn.Embedding(sum(factors.sizes), dim)
        nn.init.normal_(self.values.weight, std=std * len(factors.names) ** -0.5)

    def forward(self, labels: torch.Tensor) -> torch.Tensor:
        """Return [..., dim] for labels int64 [...]."""
        embedded: torch.Tensor = self.values(self.rows[labels])
        return embedded.sum(-2)


def share_factors(network: nn.Module, factors: Factors) -> None:
    """Let the label enter `network` as the sum of its factors, where it has several."""
    if len(factors.names) < 2:
        return
    for module in network.modules():
        if isinstance(module, LabelEmbedding) and isinstance(module.table, nn.Embedding):
            module.table = FactoredEmbedding(factors, module.dim, 1.0)
        elif isinstance(module, ProjectedScore) and isinstance(module.labels, nn.Embedding):
            features_dim = module.linear.in_features
            module.labels = FactoredEmbedding(factors, features_dim, features_dim**-0.5)
