"""Sequences in the form in which a discriminator scores them and penalties take their gradient."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqgan_toolkit.sequences import length_mask


@dataclass(frozen=True)
class Embedded:
    """A padded batch of embedded sequences.

    Attributes:
        inputs: [B, T, I].
        lengths: int64 [B].
        labels: int64 [B], or None.
    """

    inputs: torch.Tensor
    lengths: torch.Tensor
    labels: torch.Tensor | None

    @property
    def mask(self) -> torch.Tensor:
        """Bool [B, T], true on steps that are not padding."""
        return length_mask(self.lengths, self.inputs.shape[1])
