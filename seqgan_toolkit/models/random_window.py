"""An encoder that sees a random part of each sequence (as in MoCoGAN, Tulyakov et al. 2018; GAN-TTS, 2020)."""

from __future__ import annotations

import torch

from seqgan_toolkit.models.encoders import Encoder
from seqgan_toolkit.models.parts import Drawing


class RandomWindow(Encoder):
    """Another encoder over a window of steps, drawn for each sequence and each call while training.

    It learns what short parts look like and not where they stand. In evaluation the window is the one in the middle.

    Args:
        encoder: the network over the window.
        num_steps: steps in a window; a shorter sequence is seen whole.
    """

    def __init__(self, encoder: Encoder, num_steps: int) -> None:
        super().__init__()
        self.encoder, self.num_steps, self.start = encoder, num_steps, WindowStart()
        self.features_dim = encoder.features_dim

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the features of a window of inputs [B, T, I]."""
        start = self.start((lengths - self.num_steps).clamp(min=0))
        steps = start[:, None] + torch.arange(self.num_steps, device=inputs.device)
        # What lies beyond a short sequence is not looked at, whatever it is.
        steps = steps.clamp(max=inputs.shape[1] - 1)[..., None].expand(-1, -1, inputs.shape[2])
        features: torch.Tensor = self.encoder(inputs.gather(1, steps), lengths.clamp(max=self.num_steps))
        return features


class WindowStart(Drawing):
    """Where windows start: drawn while training, in the middle otherwise."""

    def forward(self, latest: torch.Tensor) -> torch.Tensor:
        """Return int64 [B] from 0 to `latest` [B], that one included."""
        if not self.training:
            return latest // 2
        rows = len(latest)
        uniform = torch.rand(rows, device=latest.device) if self.draws is None else self.draws.uniform(rows)
        return torch.minimum((uniform * (latest + 1)).long(), latest)
