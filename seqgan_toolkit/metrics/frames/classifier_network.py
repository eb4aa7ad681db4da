"""The network behind the classifier metrics: a small convolutional classifier of sequences of frames."""

from __future__ import annotations

import torch
from torch import nn

from seqgan_toolkit.sequences import SequenceBatch

FEATURE_DIM = 64
CHANNELS = (16, 32, 64)
POOLED = 4
"""The last feature map is averaged down to this many cells along time and along the frame."""
CHUNK = 500
"""Sequences that go through the network at once when it is done."""
LARGE_AXIS = 48
"""An axis longer than this is halved by the first convolution already, which keeps spectrograms affordable."""


class SequenceClassifier(nn.Module):
    """Three convolutions over time x frame, a dense layer whose output are the features, and class scores."""

    def __init__(self, num_steps: int, frame_dim: int, num_classes: int, low: float) -> None:
        """Build the network.

        Args:
            num_steps: the length that every sequence is padded or cut to.
            frame_dim: values in a frame.
            num_classes: how many labels there are.
            low: the value of padding.
        """
        super().__init__()
        self.num_steps = num_steps
        self.low = low
        stride = (_halving(num_steps > LARGE_AXIS), _halving(frame_dim > LARGE_AXIS))
        size = ((num_steps - 1) // stride[0] + 1, (frame_dim - 1) // stride[1] + 1)
        first, second, third = CHANNELS
        layers: list[nn.Module] = [nn.Conv2d(1, first, 5, stride, 2, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
        for before, after in ((first, second), (second, third)):
            window = (_halving(size[0] >= 2 * POOLED), _halving(size[1] >= 2 * POOLED))
            size = (size[0] // window[0], size[1] // window[1])
            layers += [nn.MaxPool2d(window), nn.Conv2d(before, after, 3, 1, 1, bias=False)]
            layers += [nn.BatchNorm2d(after), nn.ReLU()]
        if size != (POOLED, POOLED):
            layers.append(nn.AdaptiveAvgPool2d(POOLED))
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        self.dense = nn.Sequential(nn.Linear(third * POOLED**2, FEATURE_DIM), nn.ReLU())
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(FEATURE_DIM, num_classes))

    def fit_steps(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the frames of a batch, float32 [B, num_steps, F]."""
        return fixed_steps(batch, self.num_steps, self.low)

    def features(self, frames: torch.Tensor) -> torch.Tensor:
        """Return the features [B, FEATURE_DIM] of frames [B, num_steps, F]."""
        features: torch.Tensor = self.dense(self.convolutions(frames[:, None]))
        return features

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Return the class scores [B, num_classes] of frames [B, num_steps, F]."""
        scores: torch.Tensor = self.head(self.features(frames))
        return scores


def features_of(network: SequenceClassifier, batch: SequenceBatch) -> torch.Tensor:
    """Return the features, float32 [N, FEATURE_DIM], of any number of sequences, without a gradient."""
    with torch.inference_mode():
        chunks = [batch.rows(slice(start, start + CHUNK)).to("cpu") for start in range(0, len(batch), CHUNK)]
        return torch.cat([network.features(network.fit_steps(chunk)) for chunk in chunks])


def _halving(wanted: bool) -> int:
    return 2 if wanted else 1


def fixed_steps(batch: SequenceBatch, num_steps: int, low: float) -> torch.Tensor:
    """Return frames, float32 [B, num_steps, F], padded or cut to that many steps, all padding set to `low`."""
    values = batch.values.float().masked_fill(~batch.mask[..., None], low)[:, :num_steps]
    return nn.functional.pad(values, (0, 0, 0, num_steps - values.shape[1]), value=low)
