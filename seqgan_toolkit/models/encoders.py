"""What discriminators see with: encoders from a sequence of vectors to one vector of features."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells import CellKind
from seqgan_toolkit.models.parts import Dropout, Highway, reverse_within
from seqgan_toolkit.sequences import length_mask


class Encoder(nn.Module):
    """A network from inputs [B, T, I] of lengths [B] to features [B, features_dim]; padding must not matter.

    One that makes features [B, R, features_dim] has each of its R representations scored alone, and stands alone.
    """

    features_dim: int

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, features_dim]."""
        raise NotImplementedError


class RecurrentEncoder(Encoder):
    """A recurrent network, of both directions or of one; its features are the mean and the ends of its states.

    The backward direction runs over the sequence reversed within its length, so that padding cannot leak in. Without
    it the state of a step has seen no later step: a score made from it can reward a token for what came before alone.

    Args:
        input_dim: I.
        cell: `rnn`, `lstm` or `gru`.
        hidden_dim: H, of each direction.
        num_layers: layers on top of each other, each reading all directions of the one below.
        frames_per_step: inputs that one step reads together.
        dropout: on the inputs of every layer, while training.
        bidirectional: whether there is a backward direction.
    """

    def __init__(
        self,
        input_dim: int,
        *,
        cell: CellKind,
        hidden_dim: int,
        num_layers: int = 1,
        frames_per_step: int = 1,
        dropout: float = 0.0,
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        network = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.frames_per_step, self.hidden_dim = frames_per_step, hidden_dim
        self.step_dim = hidden_dim * (2 if bidirectional else 1)
        self.features_dim = 2 * self.step_dim
        sizes = [input_dim * frames_per_step] + [self.step_dim] * (num_layers - 1)
        self.forwards = nn.ModuleList(network(size, hidden_dim, batch_first=True) for size in sizes)
        backward_sizes = sizes if bidirectional else []
        self.backwards = nn.ModuleList(network(size, hidden_dim, batch_first=True) for size in backward_sizes)
        self.dropout = Dropout(dropout)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features of inputs [B, T, I], [B, 4 H]: mean state, last forward state, first backward state.

        In one direction they are [B, 2 H]: mean state, last state.
        """
        return self.pool(*self.states(inputs, lengths))

    def pool(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, features_dim] of the states [B, S, step_dim] that `states` gave."""
        mask = length_mask(lengths, states.shape[1])[..., None].to(states.dtype)
        mean = (states * mask).sum(1) / lengths[:, None]
        ahead, behind = states[..., : self.hidden_dim], states[..., self.hidden_dim :]
        last = ahead.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, ahead.shape[-1]))[:, 0]
        return torch.cat([mean, last, behind[:, 0]], dim=-1)

    def states(self, inputs: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the states [B, S, step_dim] of all directions and the number of steps [B] of every sequence."""
        inputs, lengths = self._group(inputs, lengths)
        for layer, ahead in enumerate(self.forwards):
            dropped = self.dropout(inputs)
            inputs, _ = ahead(dropped)
            if len(self.backwards):
                left, _ = self.backwards[layer](reverse_within(dropped, lengths))
                inputs = torch.cat([inputs, reverse_within(left, lengths)], dim=-1)
        return inputs, lengths

    def _group(self, inputs: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        width = self.frames_per_step
        if width == 1:
            return inputs, lengths
        rows, steps, dim = inputs.shape
        # The last group of a sequence may reach into padding, which must look the same in every batch.
        inputs = inputs * length_mask(lengths, steps)[..., None]
        inputs = functional.pad(inputs, (0, 0, 0, -steps % width))
        return inputs.reshape(rows, -1, width * dim), -(-lengths // width)


class ConvolutionalEncoder(Encoder):
    """Convolutions over time of several widths; the maximum over time of each channel is a feature (Kim 2014).

    Args:
        input_dim: I.
        widths: steps that a convolution spans, one bank for each.
        channels: channels of each bank: one number for all, or one for each.
        leak: slope of the activation below zero; 0 is ReLU.
        highway: whether a highway layer follows, as in SeqGAN.
        whole_windows: whether windows end within the sequence, as in SeqGAN; a sequence shorter than one has one.
            Otherwise they may reach beyond its end, where they see zeros.
        dropout: on the features, while training.
    """

    def __init__(
        self,
        input_dim: int,
        *,
        widths: Sequence[int],
        channels: int | Sequence[int],
        leak: float = 0.2,
        highway: bool = False,
        whole_windows: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        each = [channels] if isinstance(channels, int) else list(channels)
        each = each * len(widths) if len(each) == 1 else each
        self.widths, self.leak, self.whole_windows = tuple(widths), leak, whole_windows
        self.banks = nn.ModuleList(
            nn.Conv1d(input_dim, channels, width) for channels, width in zip(each, widths, strict=True)
        )
        self.features_dim = sum(each)
        self.highway = Highway(self.features_dim) if highway else nn.Identity()
        self.dropout = Dropout(dropout)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, features_dim] of inputs [B, T, I]."""
        steps = inputs.shape[1]
        across = inputs.transpose(1, 2) * length_mask(lengths, steps)[:, None]
        found = []
        for width, bank in zip(self.widths, self.banks, strict=True):
            beyond = max(0, width - steps) if self.whole_windows else width - 1
            responses = bank(functional.pad(across, (0, beyond)) if beyond else across)
            begins = (lengths - width + 1).clamp(min=1) if self.whole_windows else lengths
            counted = length_mask(begins, responses.shape[-1])[:, None]
            found.append(responses.masked_fill_(~counted, float("-inf")).amax(-1))
        # The activation rises, so it may as well follow the maximum.
        features = self.highway(functional.leaky_relu(torch.cat(found, dim=-1), self.leak))
        dropped: torch.Tensor = self.dropout(features)
        return dropped


class MeanEncoder(Encoder):
    """Dense layers on the mean frames of a few parts of a sequence: where it stands, and how it moves slowly.

    What jitters from step to step is averaged out. With one part and a head of its own it is the auxiliary
    discriminator of DoppelGANger (Lin et al. 2020, section 4.2), which judges what is constant by itself.

    Args:
        input_dim: I.
        num_parts: parts of a sequence, all of one size; a part of a shorter sequence may hold no step, and is 0.
        hidden_dim: size of the layers.
        num_layers: how many.
    """

    def __init__(self, input_dim: int, *, num_parts: int, hidden_dim: int, num_layers: int) -> None:
        super().__init__()
        self.num_parts = num_parts
        sizes = [input_dim * num_parts] + [hidden_dim] * num_layers
        layers = [
            layer
            for inside, outside in itertools.pairwise(sizes)
            for layer in (nn.Linear(inside, outside), nn.LeakyReLU(0.2))
        ]
        self.layers, self.features_dim = nn.Sequential(*layers), hidden_dim

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, hidden_dim] of inputs [B, T, I]."""
        steps = torch.arange(inputs.shape[1], device=inputs.device)
        part = steps * self.num_parts // lengths[:, None]
        within = part[:, None] == torch.arange(self.num_parts, device=inputs.device)[:, None]
        weights = within / within.sum(-1, keepdim=True).clamp(min=1)
        features: torch.Tensor = self.layers((weights.to(inputs.dtype) @ inputs).flatten(1))
        return features


class PatchEncoder(Encoder):
    """Two-dimensional strided convolutions over time and frame, then a dense layer: for images and spectrograms.

    Args:
        input_dim: I, seen as an axis and not as channels.
        max_length: the longest sequence; shorter ones are padded to it.
        channels: channels of the 4 x 4 convolutions of stride 2, from the first to the last.
        dense_dim: size of the dense layer.
        planes: inputs that stand at one place of the axis, such as the colours of a pixel; the last place is filled up.
    """

    def __init__(
        self, input_dim: int, *, max_length: int, channels: Sequence[int], dense_dim: int, planes: int = 1
    ) -> None:
        super().__init__()
        self.max_length, self.planes = max_length, planes
        layers: list[nn.Module] = []
        places = -(-input_dim // planes)
        size = (max_length, places)
        for inside, outside in zip((planes, *channels[:-1]), channels, strict=True):
            layers += [nn.Conv2d(inside, outside, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            size = (size[0] // 2, size[1] // 2)
        if 0 in size:
            raise ValueError(f"{len(channels)} halvings leave nothing of {max_length} steps of {places} places")
        self.convolutions = nn.Sequential(*layers)
        self.dense = nn.Sequential(nn.Linear(channels[-1] * size[0] * size[1], dense_dim), nn.LeakyReLU(0.2))
        self.features_dim = dense_dim

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, dense_dim] of inputs [B, T, I]."""
        mask = length_mask(lengths, inputs.shape[1])[..., None]
        missing = (0, -inputs.shape[2] % self.planes, 0, self.max_length - inputs.shape[1])
        padded = functional.pad(inputs * mask, missing)
        planes = padded.reshape(len(inputs), self.max_length, -1, self.planes).permute(0, 3, 1, 2)
        features: torch.Tensor = self.dense(self.convolutions(planes).flatten(1))
        return features
