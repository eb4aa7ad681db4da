"""The generator that makes a whole sequence of frames at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellMaker
from seqgan_toolkit.models.context import Context
from seqgan_toolkit.models.parts import LengthTable
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, length_mask


@dataclass(frozen=True)
class FrameNoise:
    """All that is drawn for sequences of frames.

    Attributes:
        sequence: [B, noise_dim], on a sphere.
        steps: [B, S, step_noise_dim].
        lengths: [B], uniform numbers that decide the lengths.
        frames: [B, T, frame_noise_dim].
    """

    sequence: torch.Tensor
    steps: torch.Tensor
    lengths: torch.Tensor
    frames: torch.Tensor


class FrameGenerator(nn.Module):
    """Noise in, frames out, and nothing fed back: the whole sequence is one fused call of the cell.

    The length is drawn first and the frames behind it are masked exactly. Every step reads the context, its own
    noise, and where it stands: an embedding of its position, how much of the sequence has gone by, how much is left.

    What no sequence changes from step to step, as levels and static attributes, can have a network of its own, whose
    result every step reads: the attribute and the min/max generator of DoppelGANger (Lin et al. 2020, section 4.1).

    Args:
        space: the frame space.
        num_labels: how many labels the data carry; 0 for none.
        max_length: the longest sequence, in frames.
        cell: makes the cell.
        noise_dim: size of the noise of a sequence; 0 for none.
        step_noise_dim: size of the noise of a step; 0 for none.
        label_dim: size of the label's embedding.
        context_dim: size of the projection of noise and label that enters every step.
        position_dim: size of the embedding of a step's position; 0 leaves out all that tells a step where it stands.
        head_dim: size of the hidden layer of the frame head; 0 leaves it out.
        frames_per_step: frames that one step makes, `S` in DoppelGANger (Lin et al. 2020).
        interpolated: each frame is made from the state at its own time, between the states of two steps.
        frame_noise_dim: size of the noise of a frame, where states are interpolated; 0 for none.
        postnet_dim: channels of the convolutional postnet over time; 0 for none.
        reach: the range of the tanh; above 1 the frames reach the ends of the space exactly.
        constant_dim: size of the two hidden layers of the network that makes the constant values of the space from the
            context; 0 takes the mean over the steps of what the head says of them.
    """

    def __init__(
        self,
        space: FrameSpace,
        *,
        num_labels: int,
        max_length: int,
        cell: CellMaker,
        noise_dim: int,
        step_noise_dim: int,
        label_dim: int,
        context_dim: int,
        position_dim: int,
        head_dim: int,
        frames_per_step: int,
        interpolated: bool = False,
        frame_noise_dim: int = 0,
        postnet_dim: int,
        reach: float,
        constant_dim: int = 0,
    ) -> None:
        super().__init__()
        self.space, self.num_labels, self.max_length = space, num_labels, max_length
        self.frames_per_step, self.step_noise_dim, self.reach = frames_per_step, step_noise_dim, reach
        self.interpolated, self.frame_noise_dim = interpolated, frame_noise_dim
        self.max_steps = -(-max_length // frames_per_step)
        self.lengths = LengthTable(num_labels)
        told = (context_dim if noise_dim or num_labels else 0) + (position_dim + 2 if position_dim else 0)
        constants = len(space.constant) if constant_dim else 0
        self.cell = cell(told + constants + step_noise_dim)
        self.context = Context(
            num_labels=num_labels,
            noise_dim=noise_dim,
            label_dim=label_dim,
            context_dim=context_dim,
            state_dim=self.cell.state_dim,
        )
        self.position = nn.Embedding(self.max_steps, position_dim) if position_dim else None
        frames_dim = space.dim * (1 if interpolated else frames_per_step)
        read_dim = self.cell.hidden_dim + frame_noise_dim
        hidden = [nn.Linear(read_dim, head_dim), nn.LeakyReLU(0.2)] if head_dim else []
        self.head = nn.Sequential(*hidden, nn.Linear(head_dim or read_dim, frames_dim))
        self.postnet = Postnet(space.dim, postnet_dim) if postnet_dim else None
        self.constants = _dense(context_dim, constant_dim, constants) if constants else None

    def forward(self, labels: torch.Tensor | None, rows: int, draws: Draws, scale: float = 1.0) -> SequenceBatch:
        """Make `rows` sequences; the gradient flows through all of their frames.

        Args:
            labels: int64 [rows], or None.
            rows: how many sequences.
            draws: where noise and lengths come from.
            scale: how far from the middle the noise of a sequence lies.
        """
        return self.make(self.draw_noise(draws, rows, scale), labels)

    def draw_noise(self, draws: Draws, rows: int, scale: float = 1.0, *, num_steps: int | None = None) -> FrameNoise:
        """Draw all that `rows` sequences are made from, of as many steps as the longest unless a number is given."""
        steps = self.max_steps if num_steps is None else num_steps
        return FrameNoise(
            self.context.draw_noise(draws, rows, scale),
            draws.normal(rows, steps, self.step_noise_dim),
            draws.uniform(rows),
            draws.normal(rows, steps * self.frames_per_step, self.frame_noise_dim),
        )

    def make(self, noise: FrameNoise, labels: torch.Tensor | None) -> SequenceBatch:
        """Make the sequences of given noise for labels int64 [B], or None."""
        return self.make_long(noise, self.lengths(labels, noise.lengths).clamp(max=self.max_length), labels)

    def make_long(self, noise: FrameNoise, lengths: torch.Tensor, labels: torch.Tensor | None) -> SequenceBatch:
        """Make sequences of given lengths int64 [B], in frames; see `make`.

        Where there is noise for more steps than the training's longest sequence has, every step is told that it stands
        where a slower pace would have brought it.
        """
        num_steps = noise.steps.shape[1]
        context, state = self.context(noise.sequence, labels, self.cell)
        constants = None if self.constants is None else self.constants(context)
        everywhere = context if constants is None else torch.cat([context, torch.tanh(constants)], dim=-1)
        told = [everywhere[:, None].expand(-1, num_steps, -1), noise.steps, *self._position(lengths, num_steps)]
        outputs, _ = self.cell.scan(torch.cat(told, dim=-1), state)
        if self.interpolated:
            outputs = torch.cat([between(outputs, self.frames_per_step), noise.frames], dim=-1)
        return self._frames(self.head(outputs), constants, lengths, labels)

    def _position(self, lengths: torch.Tensor, num_steps: int) -> list[torch.Tensor]:
        """Return what tells each of S steps where it stands, each [B, S, ...]."""
        if self.position is None:
            return []
        steps = torch.arange(num_steps, device=lengths.device)
        passed = steps * self.frames_per_step
        gone = passed / lengths[:, None]
        left = (lengths[:, None] - passed) / (self.max_length * num_steps / self.max_steps)
        embedded = self.position(steps * self.max_steps // num_steps)
        return [embedded.expand(len(lengths), -1, -1), torch.stack([gone, left], dim=-1).clamp(-1, 2)]

    def _frames(
        self, raw: torch.Tensor, constants: torch.Tensor | None, lengths: torch.Tensor, labels: torch.Tensor | None
    ) -> SequenceBatch:
        # The last step may make more frames than the longest sequence has.
        surplus = self.max_steps * self.frames_per_step - self.max_length
        raw = raw.reshape(len(raw), -1, self.space.dim)
        raw = raw[:, : raw.shape[1] - surplus]
        mask = length_mask(lengths, raw.shape[1])[..., None]
        if self.postnet is not None:
            raw = raw + self.postnet(raw * mask)
        raw = self._held(raw, constants, mask, lengths)
        frames = (self.reach * torch.tanh(raw)).clamp(-1, 1)
        middle, half = (self.space.high + self.space.low) / 2, (self.space.high - self.space.low) / 2
        return SequenceBatch(torch.where(mask, middle + half * frames, self.space.low), lengths, labels)

    def _held(
        self, raw: torch.Tensor, constants: torch.Tensor | None, mask: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """Give the values that no sequence changes what their network says [B, K], or their mean over the steps.

        Real ones are equal in every frame to the last bit: a discriminator would see the least difference, and nothing
        else of the sequence.
        """
        held = list(self.space.constant)
        if not held:
            return raw
        if constants is None:
            constants = (raw[..., held] * mask).sum(1) / lengths[:, None]
        return raw.index_copy(2, torch.tensor(held, device=raw.device), constants[:, None].expand(-1, raw.shape[1], -1))


def _dense(input_dim: int, hidden_dim: int, output_dim: int) -> nn.Sequential:
    """Return a network with two hidden layers."""
    first, second = nn.Linear(input_dim, hidden_dim), nn.Linear(hidden_dim, hidden_dim)
    return nn.Sequential(first, nn.LeakyReLU(0.2), second, nn.LeakyReLU(0.2), nn.Linear(hidden_dim, output_dim))


def between(states: torch.Tensor, frames_per_step: int) -> torch.Tensor:
    """Interpolate states in a line from step to step, at the middle of each frame.

    All frames are then made alike, by one head: frames that a step makes at once, each by weights of its own, show a
    pattern that repeats with every step. The first step has no step before it, and its state stands still.

    Args:
        states: [B, S, H], at the ends of steps.
        frames_per_step: how many frames a step has.

    Returns:
        The states of every frame, [B, S frames_per_step, H].
    """
    before = torch.cat([states[:, :1], states[:, :-1]], dim=1)
    share = (torch.arange(frames_per_step, device=states.device, dtype=states.dtype) + 0.5) / frames_per_step
    return torch.lerp(before[:, :, None], states[:, :, None], share[:, None]).flatten(1, 2)


class Postnet(nn.Module):
    """Two convolutions over time that smooth what single steps cannot see; it starts as nothing at all.

    Args:
        frame_dim: F, the size of a frame.
        channels: the size of the hidden layer.
    """

    def __init__(self, frame_dim: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(frame_dim, channels, 5, padding=2)
        self.last = nn.Conv1d(channels, frame_dim, 5, padding=2)
        nn.init.zeros_(self.last.weight)
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Return a correction [B, T, F] of frames [B, T, F]."""
        hidden = functional.leaky_relu(self.first(frames.transpose(1, 2)), 0.2)
        corrected: torch.Tensor = self.last(hidden).transpose(1, 2)
        return corrected
