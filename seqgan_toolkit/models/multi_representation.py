"""Many views of one sequence, each of a single dimension, seen by shared convolutions (RelGAN, Nie et al. 2019)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.encoders import Encoder
from seqgan_toolkit.models.parts import Dropout, Highway
from seqgan_toolkit.models.pooled_windows import strongest_windows
from seqgan_toolkit.sequences import length_mask


class MultiRepresentationEncoder(Encoder):
    """Every dimension of a step is a representation of its own, and the same convolutions run over each in time.

    The features are [B, I, features_dim]: a discriminator scores each representation alone, and its loss is the mean.

    Args:
        input_dim: I, how many representations there are.
        widths: steps that a convolution spans, one bank for each.
        channels: channels of each bank.
        leak: slope of the activation below zero; 0 is ReLU.
        highway: whether a highway layer follows.
        dropout: on the features, while training.
    """

    def __init__(
        self,
        input_dim: int,
        *,
        widths: Sequence[int],
        channels: int,
        leak: float = 0.0,
        highway: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.banks = nn.ModuleList(nn.Conv1d(1, channels, width) for width in widths)
        self.leak, self.widest = leak, max(widths)
        self.features_dim = channels * len(widths)
        self.highway = Highway(self.features_dim) if highway else nn.Identity()
        self.dropout = Dropout(dropout)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, I, channels x widths] of inputs [B, T, I]."""
        rows, steps, representations = inputs.shape
        mask = length_mask(lengths, steps).repeat_interleave(representations, dim=0)
        # All widths as one product: a narrow kernel is a wide one that ends in zeros.
        weights = [torch.as_tensor(bank.weight) for bank in self.banks]
        padded = [functional.pad(weight[:, 0], (0, self.widest - weight.shape[2])) for weight in weights]
        kernels = torch.cat(padded).T
        biases = torch.cat([torch.as_tensor(bank.bias) for bank in self.banks])
        found = strongest_windows(inputs.transpose(1, 2).flatten(0, 1), mask, kernels, biases, self.leak)
        dropped: torch.Tensor = self.dropout(self.highway(found).view(rows, representations, -1))
        return dropped
