"""The generator of frames that feeds its last frames back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellMaker, State
from seqgan_toolkit.models.context import Context
from seqgan_toolkit.models.parts import Dropout
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


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
