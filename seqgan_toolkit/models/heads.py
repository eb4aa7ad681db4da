"""What a discriminator scores features with: the spread within groups, a dense layer, a score for the label."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Head(nn.Module):
    """The spread within groups joined to the features, a dense layer, and a score that projects on the label.

    Args:
        features_dim: size of the features.
        num_labels: how many labels the score projects on; 0 for none.
        dense_dim: size of the dense layer; 0 leaves it out.
        group_size: neighbours in a group; 0 leaves the spread out.
        group_dim: size of the projection whose spread is joined.
    """

    def __init__(self, features_dim: int, num_labels: int, *, dense_dim: int, group_size: int, group_dim: int) -> None:
        super().__init__()
        self.spread = GroupSpread(features_dim, group_dim, group_size) if group_size else None
        features_dim += group_dim if group_size else 0
        self.dense = nn.Linear(features_dim, dense_dim) if dense_dim else None
        self.score = ProjectedScore(dense_dim or features_dim, num_labels)

    def forward(self, features: torch.Tensor, labels: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores [B, R] and what they are made from [B, R D], of features [B, features_dim] or [B, R, ...]."""
        if self.spread is not None:
            features = torch.cat([features, self.spread(features)], dim=-1)
        if self.dense is not None:
            features = functional.leaky_relu(self.dense(features), 0.2)
        scores: torch.Tensor = self.score(features, labels)
        return scores.view(len(features), -1), features.flatten(1)


class ProjectedScore(nn.Module):
    """A linear score plus the inner product of the features with an embedding of the label.

    Args:
        features_dim: size of the features.
        num_labels: how many labels there are; 0 leaves the projection out.
    """

    def __init__(self, features_dim: int, num_labels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features_dim, 1)
        self.labels: nn.Module | None = None
        if num_labels:
            self.labels = table = nn.Embedding(num_labels, features_dim)
            nn.init.normal_(table.weight, std=features_dim**-0.5)

    def forward(self, features: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
        """Return scores [B, ...] of features [B, ..., D] for labels [B]."""
        scores: torch.Tensor = self.linear(features)[..., 0]
        if self.labels is None or labels is None:
            return scores
        embedded: torch.Tensor = self.labels(labels)
        embedded = embedded.reshape(len(labels), *[1] * (features.dim() - 2), -1)
        return scores + (features * embedded).sum(-1)


class GroupSpread(nn.Module):
    """The standard deviation of a projection of the features within groups of neighbours.

    Args:
        features_dim: size of the features.
        group_dim: size of the projection.
        group_size: sequences in a group.
    """

    def __init__(self, features_dim: int, group_dim: int, group_size: int) -> None:
        super().__init__()
        self.project = nn.Linear(features_dim, group_dim)
        self.group_size = group_size

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the spread [B, group_dim], the same for every member of a group, of features [B, D]."""
        projected: torch.Tensor = self.project(features)
        projected = projected.reshape(-1, self.group_size, self.project.out_features)
        spread = (projected.var(dim=1, correction=0) + 1e-6).sqrt()
        return spread.repeat_interleave(self.group_size, dim=0)
