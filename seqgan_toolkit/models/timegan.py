"""TimeGAN's networks: an autoencoder of steps, and a generator and a supervisor in its latent space."""

from __future__ import annotations

import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellMaker
from seqgan_toolkit.models.parts import LabelEmbedding, LengthTable
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, length_mask


class StepNetwork(nn.Module):
    """A cell over all steps, which read the label too, and a dense layer with a sigmoid.

    Args:
        input_dim: I, the size of a step that it reads.
        output_dim: O, the size of a step that it makes.
        cell: makes the cell.
        num_labels: how many labels the data carry; 0 for none.
        label_dim: size of the label's embedding.
    """

    def __init__(self, input_dim: int, output_dim: int, *, cell: CellMaker, num_labels: int, label_dim: int) -> None:
        super().__init__()
        self.label = LabelEmbedding(num_labels, label_dim)
        self.cell = cell(input_dim + self.label.dim)
        self.head = nn.Linear(self.cell.hidden_dim, output_dim)

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
        """Return [B, T, O] in (0, 1) for inputs [B, T, I] and labels int64 [B]; later steps change no earlier ones."""
        rows, steps, _ = inputs.shape
        label = self.label(labels, rows, inputs)[:, None].expand(-1, steps, -1)
        outputs, _ = self.cell.scan(torch.cat([inputs, label], dim=-1), self.cell.zero_state(rows))
        return torch.sigmoid(self.head(outputs))


class TimeGANGenerator(nn.Module):
    """Noise at every step becomes a latent sequence, the supervisor corrects it, and the recovery makes frames of it.

    The four networks are those of Yoon et al. 2019, as the published code has them: there the generator is a recurrent
    network over the noise alone and the supervisor, a network of its own, learns what follows a latent; in the paper
    the generator itself reads the latent before. The length is drawn first and the frames behind it are masked.

    Args:
        space: the frame space.
        num_labels: how many labels the data carry; 0 for none.
        max_length: the longest sequence, in frames.
        cell: makes the cell of embedder, recovery and generator.
        supervisor_cell: makes that of the supervisor.
        latent_dim: D, the size of a latent.
        noise_dim: size of the noise of a step.
        label_dim: size of the label's embedding.
    """

    def __init__(
        self,
        space: FrameSpace,
        *,
        num_labels: int,
        max_length: int,
        cell: CellMaker,
        supervisor_cell: CellMaker,
        latent_dim: int,
        noise_dim: int,
        label_dim: int,
    ) -> None:
        super().__init__()
        self.space, self.num_labels, self.max_length = space, num_labels, max_length
        self.latent_dim, self.noise_dim = latent_dim, noise_dim
        self.lengths = LengthTable(num_labels)

        def network(input_dim: int, output_dim: int, cell: CellMaker = cell) -> StepNetwork:
            return StepNetwork(input_dim, output_dim, cell=cell, num_labels=num_labels, label_dim=label_dim)

        self.embedder = network(space.dim, latent_dim)
        self.recovery = network(latent_dim, space.dim)
        self.generator = network(noise_dim, latent_dim)
        self.supervisor = network(latent_dim, latent_dim, supervisor_cell)

    @property
    def latent_space(self) -> FrameSpace:
        """The space of the latents, in which the discriminator judges."""
        return FrameSpace(self.latent_dim, low=0.0, high=1.0)

    def unit(self, frames: torch.Tensor) -> torch.Tensor:
        """Return frames with their space stretched to [0, 1], in which the recovery makes them."""
        return (frames - self.space.low) / (self.space.high - self.space.low)

    def embed(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the latents [B, T, D] of frames [B, T, F]."""
        latents: torch.Tensor = self.embedder(self.unit(batch.values), batch.labels)
        return latents

    def draw_latents(
        self, labels: torch.Tensor | None, rows: int, num_steps: int, draws: Draws, scale: float = 1.0
    ) -> torch.Tensor:
        """Draw latents [rows, num_steps, D] from uniform noise, whose range `scale` narrows around its middle."""
        noise = draws.uniform(rows, num_steps, self.noise_dim)
        latents: torch.Tensor = self.generator(0.5 + scale * (noise - 0.5), labels)
        return latents

    def forward(self, labels: torch.Tensor | None, rows: int, draws: Draws, scale: float = 1.0) -> SequenceBatch:
        """Make `rows` sequences.

        Args:
            labels: int64 [rows], or None.
            rows: how many sequences.
            draws: where noise and lengths come from.
            scale: how far from the middle the noise lies.
        """
        lengths = self.lengths(labels, draws.uniform(rows))
        latents = self.supervisor(self.draw_latents(labels, rows, self.max_length, draws, scale), labels)
        frames = self.space.low + (self.space.high - self.space.low) * self.recovery(latents, labels)
        mask = length_mask(lengths, self.max_length)[..., None]
        return SequenceBatch(torch.where(mask, frames, self.space.low), lengths, labels)
