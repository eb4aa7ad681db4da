"""Generators of frames: one that makes a whole sequence at once, and one that feeds its last frame back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import Cell, CellMaker, State, first_state
from seqgan_toolkit.models.parts import Dropout, LabelEmbedding, LengthTable
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, length_mask


class Context(nn.Module):
    """Noise and label, as the cell's first state and as an input to every step.

    The noise lies on a sphere, so that its size carries no information that a discriminator could learn.

    Without noise of the sequence the first state is zero, and the label enters the steps alone.

    Args:
        num_labels: how many labels the data carry; 0 for none.
        noise_dim: size of the noise of a sequence; 0 for none.
        label_dim: size of the label's embedding.
        context_dim: size of what enters every step.
        state_dim: how many numbers of the cell's first state can be set.
    """

    def __init__(self, *, num_labels: int, noise_dim: int, label_dim: int, context_dim: int, state_dim: int) -> None:
        super().__init__()
        self.noise_dim = noise_dim
        self.label = LabelEmbedding(num_labels, label_dim)
        given = noise_dim + self.label.dim
        self.enter = nn.Linear(given, context_dim) if given else None
        self.first_state = nn.Linear(given, state_dim) if state_dim and noise_dim else None

    def draw_noise(self, draws: Draws, rows: int, scale: float) -> torch.Tensor:
        """Draw [rows, noise_dim] on the sphere of radius sqrt(noise_dim), scaled (truncation when below 1)."""
        direction: torch.Tensor = functional.normalize(draws.normal(rows, self.noise_dim), dim=-1)
        return direction * (scale * math.sqrt(self.noise_dim))

    def forward(self, noise: torch.Tensor, labels: torch.Tensor | None, cell: Cell) -> tuple[torch.Tensor, State]:
        """Return the context [B, context_dim], [B, 0] where there is none, and the first state of `cell`."""
        joined = torch.cat([noise, self.label(labels, len(noise), noise)], dim=-1)
        context = joined if self.enter is None else functional.leaky_relu(self.enter(joined), 0.2)
        return context, first_state(cell, joined, self.first_state)


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
    ) -> None:
        super().__init__()
        self.space, self.num_labels, self.max_length = space, num_labels, max_length
        self.frames_per_step, self.step_noise_dim, self.reach = frames_per_step, step_noise_dim, reach
        self.interpolated, self.frame_noise_dim = interpolated, frame_noise_dim
        self.max_steps = -(-max_length // frames_per_step)
        self.lengths = LengthTable(num_labels)
        told = (context_dim if noise_dim or num_labels else 0) + (position_dim + 2 if position_dim else 0)
        self.cell = cell(told + step_noise_dim)
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
        told = [context[:, None].expand(-1, num_steps, -1), noise.steps, *self._position(lengths, num_steps)]
        outputs, _ = self.cell.scan(torch.cat(told, dim=-1), state)
        if self.interpolated:
            outputs = torch.cat([between(outputs, self.frames_per_step), noise.frames], dim=-1)
        return self._frames(self.head(outputs), lengths, labels)

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

    def _frames(self, raw: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> SequenceBatch:
        # The last step may make more frames than the longest sequence has.
        surplus = self.max_steps * self.frames_per_step - self.max_length
        raw = raw.reshape(len(raw), -1, self.space.dim)
        raw = raw[:, : raw.shape[1] - surplus]
        mask = length_mask(lengths, raw.shape[1])[..., None]
        if self.postnet is not None:
            raw = raw + self.postnet(raw * mask)
        frames = (self.reach * torch.tanh(raw)).clamp(-1, 1)
        middle, half = (self.space.high + self.space.low) / 2, (self.space.high - self.space.low) / 2
        return SequenceBatch(torch.where(mask, middle + half * frames, self.space.low), lengths, labels)


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


@dataclass(frozen=True)
class FrameState:
    """Where free running stands: the cell's state and the context of every sequence."""

    cell: State
    context: torch.Tensor


class AutoregressiveFrameGenerator(nn.Module):
    """Each step reads the frames of the step before it and gives the next ones, and the probability that it ends.

    Args:
        space: the frame space.
        num_labels: how many labels the data carry; 0 for none.
        max_length: the longest sequence, in frames.
        fixed_length: whether all sequences have `max_length` frames, so that nothing stops early.
        cell: makes the cell.
        noise_dim: size of the noise of a sequence.
        step_noise_dim: size of the noise of a step.
        label_dim: size of the label's embedding.
        prenet_dim: size of the bottleneck on the frames that are fed back.
        prenet_dropout: dropout in that bottleneck, while training.
        frames_per_step: frames that one step makes.
    """

    def __init__(
        self,
        space: FrameSpace,
        *,
        num_labels: int,
        max_length: int,
        fixed_length: bool,
        cell: CellMaker,
        noise_dim: int,
        step_noise_dim: int,
        label_dim: int,
        prenet_dim: int,
        prenet_dropout: float,
        frames_per_step: int,
    ) -> None:
        super().__init__()
        self.space, self.num_labels, self.max_length = space, num_labels, max_length
        self.fixed_length, self.frames_per_step, self.step_noise_dim = fixed_length, frames_per_step, step_noise_dim
        self.step_dim = frames_per_step * space.dim
        self.max_steps = -(-max_length // frames_per_step)
        self.prenet = nn.Sequential(nn.Linear(self.step_dim, prenet_dim), nn.ReLU(), Dropout(prenet_dropout))
        self.cell = cell(2 * prenet_dim + step_noise_dim)
        self.context = Context(
            num_labels=num_labels,
            noise_dim=noise_dim,
            label_dim=label_dim,
            context_dim=prenet_dim,
            state_dim=self.cell.state_dim,
        )
        self.head = nn.Linear(self.cell.hidden_dim, self.step_dim)
        self.stop = nn.Linear(self.cell.hidden_dim, 1)

    def first_input(self, rows: int) -> torch.Tensor:
        """Return what is fed before the first step, [rows, frames_per_step F]: the low end of the space."""
        return self.head.weight.new_full((rows, self.step_dim), self.space.low)

    def draw_noise(self, draws: Draws, rows: int, scale: float = 1.0) -> torch.Tensor:
        """Draw the noise of `rows` sequences, [rows, noise_dim]."""
        return self.context.draw_noise(draws, rows, scale)

    def forward(
        self, inputs: torch.Tensor, labels: torch.Tensor | None, draws: Draws
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Run under teacher forcing.

        Args:
            inputs: [B, S, frames_per_step F], the frames before every one of S steps.
            labels: int64 [B], or None.
            draws: where the noise comes from.

        Returns:
            The frames [B, S, frames_per_step F] and the stop logits [B, S] of every step.
        """
        hidden = self.hidden(inputs, labels, draws)
        return self.frames(hidden), self.stop(hidden)[..., 0]

    def hidden(self, inputs: torch.Tensor, labels: torch.Tensor | None, draws: Draws) -> torch.Tensor:
        """Return the states [B, S, H] that frames and stop logits are made from; see `forward`."""
        rows, steps, _ = inputs.shape
        context, state = self.context(self.draw_noise(draws, rows), labels, self.cell)
        noise = draws.normal(rows, steps, self.step_noise_dim)
        joined = torch.cat([self.prenet(inputs), context[:, None].expand(-1, steps, -1), noise], dim=-1)
        outputs, _ = self.cell.scan(joined, state)
        return outputs

    def frames(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the frames [..., frames_per_step F] that states [..., H] make."""
        middle, half = (self.space.high + self.space.low) / 2, (self.space.high - self.space.low) / 2
        return middle + half * torch.tanh(self.head(hidden))

    def as_steps(self, batch: SequenceBatch) -> SequenceBatch:
        """Return frames [B, T, F] as [B, S, frames_per_step F], with their lengths in steps."""
        missing = -batch.num_steps % self.frames_per_step
        values = functional.pad(batch.values, (0, 0, 0, missing), value=self.space.low)
        lengths = -(-batch.lengths // self.frames_per_step)
        return SequenceBatch(values.reshape(len(batch), -1, self.step_dim), lengths, batch.labels)

    def shift_right(self, steps: torch.Tensor) -> torch.Tensor:
        """Return what is fed before each of the steps [B, S, frames_per_step F]."""
        return torch.cat([self.first_input(len(steps))[:, None], steps[:, :-1]], dim=1)

    def start(self, noise: torch.Tensor, labels: torch.Tensor | None) -> FrameState:
        """Return the state before the first step, for noise [B, noise_dim] and labels [B]."""
        context, state = self.context(noise, labels, self.cell)
        return FrameState(state, context)

    def step(
        self, inputs: torch.Tensor, state: FrameState, draws: Draws
    ) -> tuple[torch.Tensor, torch.Tensor, FrameState]:
        """Run one step on inputs [B, frames_per_step F]; return its frames, its stop logit [B] and the new state."""
        hidden, state = self.advance(inputs, state, draws)
        return self.frames(hidden), self.stop(hidden)[..., 0], state

    def advance(self, inputs: torch.Tensor, state: FrameState, draws: Draws) -> tuple[torch.Tensor, FrameState]:
        """Run one step as far as the state [B, H] that its frames are made from; see `step`."""
        noise = draws.normal(len(inputs), self.step_noise_dim)
        joined = torch.cat([self.prenet(inputs), state.context, noise], dim=-1)
        output, cell_state = self.cell.step(joined, state.cell)
        return output, FrameState(cell_state, state.context)
