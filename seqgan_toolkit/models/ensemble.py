"""Several token generators as one: the baseline of equal compute for whatever is stacked on a generator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import SequenceBatch

Average = Literal["logits", "probabilities"]


class EnsembleGenerator(nn.Module):
    """The average of token generators at every step, each given the same prefix.

    `probabilities` is the mixture of their next-token distributions; `logits` is their normalised geometric mean,
    which is flatter than its members and may be sharpened again.

    Args:
        members: generators of one token space and the same labels.
        average: what is averaged.
        sharpness: multiplies the averaged logits (an inverse temperature).

    Raises:
        ValueError: the members differ in their space or their labels.
    """

    def __init__(self, members: Sequence[TokenGenerator], *, average: Average, sharpness: float) -> None:
        super().__init__()
        if len({(member.space, member.num_labels) for member in members}) != 1:
            raise ValueError("the members of an ensemble must have one vocabulary and the same labels")
        self.space, self.num_labels = members[0].space, members[0].num_labels
        self.members = nn.ModuleList(members)
        self.average, self.sharpness = average, sharpness

    @property
    def generators(self) -> list[TokenGenerator]:
        """The members."""
        return [member for member in self.members if isinstance(member, TokenGenerator)]

    def forward(self, batch: SequenceBatch, inputs: torch.Tensor, draws: Draws) -> torch.Tensor:
        """Return logits [B, T, V] for every step of `batch`; arguments as for a member."""
        return self.combine([member(batch, inputs, draws) for member in self.generators])

    def combine(self, logits: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the ensemble's logits [..., V] for the members' logits [..., V]."""
        if self.average == "logits":
            return torch.stack(list(logits)).mean(0) * self.sharpness
        mixed = torch.stack([member.float().log_softmax(-1) for member in logits]).logsumexp(0)
        return (mixed - math.log(len(logits))) * self.sharpness
