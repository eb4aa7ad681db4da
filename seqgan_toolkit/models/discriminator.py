"""The discriminator: encoders that see a sequence, and a head that scores it for its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.encoders import Encoder, RecurrentEncoder
from seqgan_toolkit.models.parts import StepDropout, embed
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, SequenceSpace, TokenSpace, length_mask


@dataclass(frozen=True)
class Verdict:
    """What a discriminator says of a batch.

    Attributes:
        scores: [B, S], higher for real; S is 1, the number of scored steps, or that of representations.
        mask: bool [B, S], true where a score counts.
        features: [B, D], what the scores were made from; representations stand side by side.
    """

    scores: torch.Tensor
    mask: torch.Tensor
    features: torch.Tensor

    def halves(self) -> tuple[Verdict, Verdict]:
        """Split the verdict on a batch of real sequences followed by as many generated ones."""
        middle = len(self.scores) // 2
        return (
            Verdict(self.scores[:middle], self.mask[:middle], self.features[:middle]),
            Verdict(self.scores[middle:], self.mask[middle:], self.features[middle:]),
        )

    def detach(self) -> Verdict:
        """Return the verdict cut from the graph."""
        return Verdict(self.scores.detach(), self.mask, self.features.detach())


class Discriminator(nn.Module):
    """Encoders, the spread within groups of one label, a dense layer, and scores that project on the label.

    The label enters by projection (Miyato & Koyama 2018). The spread is the standard deviation, within each group of
    `group_size` neighbours of one label, of a projection of the features (Karras et al. 2018, within a class): it
    shows the discriminator a generator that makes every sequence of a label alike.

    Args:
        space: the space of the sequences.
        encoders: networks over the embedded steps; their features are joined.
        num_labels: how many labels the data carry; 0 for none.
        embedding_dim: size of a token's embedding; unused for frames.
        dense_dim: size of the dense layer; 0 leaves it out.
        per_step: also score every step, from the states of the first recurrent encoder.
        group_size: sequences in a group; 0 leaves the spread out.
        group_dim: size of the projection whose spread is appended.
        word_dropout: the share of steps that are blanked while training.
    """

    def __init__(
        self,
        space: SequenceSpace,
        encoders: Sequence[Encoder],
        *,
        num_labels: int,
        embedding_dim: int,
        dense_dim: int,
        per_step: bool,
        group_size: int,
        group_dim: int,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.space = space
        self.word_dropout = StepDropout(word_dropout)
        self.embedding = nn.Embedding(space.size, embedding_dim) if isinstance(space, TokenSpace) else None
        self.encoders = nn.ModuleList(encoders)
        features_dim = sum(encoder.features_dim for encoder in encoders)
        self.spread = GroupSpread(features_dim, group_dim, group_size) if group_size else None
        features_dim += group_dim if group_size else 0
        self.dense = nn.Linear(features_dim, dense_dim) if dense_dim else None
        self.score = ProjectedScore(dense_dim or features_dim, num_labels)
        stepwise = next((encoder for encoder in encoders if isinstance(encoder, RecurrentEncoder)), None)
        self.step_score = ProjectedScore(stepwise.step_dim, num_labels) if per_step and stepwise else None

    @staticmethod
    def input_dim(space: SequenceSpace, embedding_dim: int) -> int:
        """Return the size of a step as the encoders see it."""
        return space.dim if isinstance(space, FrameSpace) else embedding_dim

    @property
    def padding(self) -> float:
        """What stands in an embedded sequence where there is no step."""
        return self.space.low if isinstance(self.space, FrameSpace) else 0.0

    def embed(self, values: torch.Tensor) -> torch.Tensor:
        """Return steps as vectors [B, T, I]: looked up for tokens, a product for soft tokens, frames as they are."""
        if self.embedding is None:
            return values
        return embed(values, self.embedding.weight)

    def forward(self, batch: SequenceBatch) -> Verdict:
        """Score sequences of hard or soft tokens or of frames; neighbours within a group share one label."""
        return self.judge(self.embed(batch.values), batch.lengths, batch.labels)

    def judge(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Verdict:
        """Score embedded sequences [B, T, I]: the seam at which penalties take their gradient."""
        found, stepwise = [], None
        inputs = self.word_dropout(inputs)
        for encoder in self.encoders:
            if self.step_score is not None and stepwise is None and isinstance(encoder, RecurrentEncoder):
                stepwise = encoder.states(inputs, lengths)
                found.append(encoder.pool(*stepwise))
            else:
                found.append(encoder(inputs, lengths))
        features = torch.cat(found, dim=-1)
        if self.spread is not None:
            features = torch.cat([features, self.spread(features)], dim=-1)
        if self.dense is not None:
            features = functional.leaky_relu(self.dense(features), 0.2)
        scores = self.score(features, labels).view(len(features), -1)
        mask = torch.ones_like(scores, dtype=torch.bool)
        if self.step_score is not None and stepwise is not None:
            states, steps = stepwise
            scores = torch.cat([scores, self.step_score(states, labels)], dim=1)
            mask = torch.cat([mask, length_mask(steps, states.shape[1])], dim=1)
        return Verdict(scores, mask, features.flatten(1))


class ProjectedScore(nn.Module):
    """A linear score plus the inner product of the features with an embedding of the label.

    Args:
        features_dim: size of the features.
        num_labels: how many labels there are; 0 leaves the projection out.
    """

    def __init__(self, features_dim: int, num_labels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features_dim, 1)
        self.labels = nn.Embedding(num_labels, features_dim) if num_labels else None
        if self.labels is not None:
            nn.init.normal_(self.labels.weight, std=features_dim**-0.5)

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
