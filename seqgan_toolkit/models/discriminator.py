"""The discriminator: encoders that see a sequence, and heads that score it for its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from seqgan_toolkit.models.encoders import Encoder, RecurrentEncoder
from seqgan_toolkit.models.heads import Head, ProjectedScore
from seqgan_toolkit.models.packing import pack
from seqgan_toolkit.models.parts import LabelEmbedding, StepDropout, embed
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, SequenceSpace, TokenSpace, length_mask


@dataclass(frozen=True)
class Verdict:
    """What a discriminator says of a batch.

    Attributes:
        scores: [B, S], higher for real; S is the number of heads, of scored steps, or of representations.
        mask: bool [B, S], true where a score counts; or float, how much it counts beside the others of its row.
        features: [B, D], what the scores were made from; heads and representations stand side by side.
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
    """Encoders, and one head on their joined features or one for each of them.

    The label enters by projection (Miyato & Koyama 2018), joined to every step (Mirza & Osindero 2014), or both. The
    spread is the standard deviation, within each group of `group_size` neighbours, of a projection of the features
    (Karras et al. 2018; within a label where the neighbours share one): it shows the discriminator a generator that
    makes every sequence alike, and so does judging `packing` neighbours as one (PacGAN, Lin et al. 2018).

    Args:
        space: the space of the sequences.
        encoders: networks over the embedded steps.
        num_labels: how many labels the data carry; 0 for none.
        embedding_dim: size of a token's embedding; unused for frames.
        dense_dim: size of the dense layer of a head; 0 leaves it out.
        per_step: score every step, from the states of the first recurrent encoder.
        group_size: sequences in a group; 0 leaves the spread out.
        group_dim: size of the projection whose spread is joined.
        word_dropout: the share of steps that are blanked while training.
        whole: score the sequence as a whole.
        projection: whether scores project on the label.
        label_dim: size of the label's embedding that is joined to every step; 0 for none.
        head_weights: each encoder has a head of its own, with this weight of its score; None joins all features.
        packing: neighbours that are judged as one, frame beside frame.
    """

    weights: torch.Tensor | None

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
        whole: bool = True,
        projection: bool = True,
        label_dim: int = 0,
        head_weights: Sequence[float] | None = None,
        packing: int = 1,
    ) -> None:
        super().__init__()
        self.space, self.packing, self.group_size = space, packing, group_size
        self.word_dropout = StepDropout(word_dropout)
        self.embedding = nn.Embedding(space.size, embedding_dim) if isinstance(space, TokenSpace) else None
        self.label = LabelEmbedding(num_labels, label_dim) if label_dim else None
        self.encoders = nn.ModuleList(encoders)
        weights = None if head_weights is None else torch.tensor(list(head_weights))
        self.register_buffer("weights", weights, persistent=False)
        sizes = [encoder.features_dim for encoder in encoders]
        projected = num_labels if projection else 0
        settings = {"dense_dim": dense_dim, "group_size": group_size // packing, "group_dim": group_dim}
        self.heads = nn.ModuleList(
            Head(size, projected, **settings)
            for size in (([sum(sizes)] if head_weights is None else sizes) if whole else ())
        )
        stepwise = next((encoder for encoder in encoders if isinstance(encoder, RecurrentEncoder)), None)
        self.step_score = ProjectedScore(stepwise.step_dim, projected) if per_step and stepwise else None

    @staticmethod
    def input_dim(space: SequenceSpace, embedding_dim: int, *, packing: int = 1, label_dim: int = 0) -> int:
        """Return the size of a step as the encoders see it."""
        return packing * (space.dim if isinstance(space, FrameSpace) else embedding_dim) + label_dim

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
        """Score sequences of hard or soft tokens or of frames; neighbours within a group or pack share one label."""
        return self.judge(self.embed(batch.values), batch.lengths, batch.labels)

    def judge(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Verdict:
        """Score embedded sequences [B, T, I]: the seam at which penalties take their gradient.

        Where sequences are packed the verdict has a row for each pack.
        """
        inputs = self.word_dropout(inputs)
        if self.packing > 1:
            inputs, lengths, labels = pack(inputs, lengths, labels, self.packing, self.padding)
        if self.label is not None:
            label = self.label(labels, len(inputs), inputs)
            inputs = torch.cat([inputs, label[:, None].expand(-1, inputs.shape[1], -1)], dim=-1)
        found, stepwise = self._see(inputs, lengths)
        # Joining a single tensor would copy it, and the features of many representations are large.
        seen = [torch.cat(found, dim=-1)] if self.weights is None and len(found) > 1 else found
        # There is no head where only the steps are scored.
        judged = [head(features, labels) for head, features in zip(self.heads, seen, strict=False)]
        scores = [score for score, _ in judged]
        masks = [self._counting(torch.cat(scores, dim=1))] if scores else []
        if self.step_score is not None and stepwise is not None:
            states, steps = stepwise
            scores.append(self.step_score(states, labels))
            masks.append(length_mask(steps, states.shape[1]))
        features = [features for _, features in judged] or found
        return Verdict(torch.cat(scores, dim=1), torch.cat(masks, dim=1), torch.cat(features, dim=-1))

    def _see(
        self, inputs: torch.Tensor, lengths: torch.Tensor
    ) -> tuple[list[torch.Tensor], tuple[torch.Tensor, torch.Tensor] | None]:
        """Return the features of every encoder, and the states that are scored with the number of their steps."""
        found, stepwise = [], None
        for encoder in self.encoders:
            if self.step_score is not None and stepwise is None and isinstance(encoder, RecurrentEncoder):
                stepwise = encoder.states(inputs, lengths)
                found.append(encoder.pool(*stepwise))
            else:
                found.append(encoder(inputs, lengths))
        return found, stepwise

    def _counting(self, scores: torch.Tensor) -> torch.Tensor:
        return torch.ones_like(scores, dtype=torch.bool) if self.weights is None else self.weights.expand_as(scores)
