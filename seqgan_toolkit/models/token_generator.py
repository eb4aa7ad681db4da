"""A recurrent language model that can take noise and a label: the generator of text."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellKind, RecurrentCell, State
from seqgan_toolkit.models.parts import Dropout, LabelEmbedding
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace


@dataclass(frozen=True)
class TokenState:
    """Where free running stands: the cell's state, and the context's share of the next input product."""

    cell: State
    context: torch.Tensor

    def rows(self, index: torch.Tensor) -> TokenState:
        """Keep the sequences that `index` selects."""
        return TokenState(tuple(part[:, index] for part in self.cell), self.context[index])

    def join(self, other: TokenState) -> TokenState:
        """Return the state of these sequences followed by those of `other`, which stand at the same step."""
        cell = tuple(torch.cat(parts, dim=1) for parts in zip(self.cell, other.cell, strict=True))
        return TokenState(cell, torch.cat([self.context, other.context]))


class TokenGenerator(nn.Module):
    """Embedding, recurrent cell and softmax head over a token space.

    Noise that is drawn once for a sequence, and the label, set the cell's first state and enter every step.
    It does not know how tokens are chosen: samplers and estimators do.

    Args:
        space: the token space.
        num_labels: how many labels the data carry; 0 for none.
        cell: `rnn`, `lstm` or `gru`.
        embedding_dim: size of a token's embedding.
        hidden_dim: size of the cell's state.
        num_layers: layers of the cell.
        noise_dim: size of the noise of a sequence; 0 for none.
        step_noise_dim: size of the noise of a step; 0 for none.
        label_dim: size of the label's embedding.
        dropout: on the cell's inputs and outputs, while training.
        input_dropout: on the cell's inputs, where it is another than on its outputs.
    """

    def __init__(
        self,
        space: TokenSpace,
        *,
        num_labels: int,
        cell: CellKind,
        embedding_dim: int,
        hidden_dim: int,
        num_layers: int,
        noise_dim: int,
        step_noise_dim: int,
        label_dim: int,
        dropout: float,
        input_dropout: float | None = None,
    ) -> None:
        super().__init__()
        self.space, self.num_labels = space, num_labels
        self.noise_dim, self.step_noise_dim = noise_dim, step_noise_dim
        self.embedding = nn.Embedding(space.size, embedding_dim)
        self.label = LabelEmbedding(num_labels, label_dim)
        self.context_dim = noise_dim + self.label.dim
        self.cell = RecurrentCell(cell, embedding_dim + self.context_dim + step_noise_dim, hidden_dim, num_layers)
        state_dim = self.cell.num_states * num_layers * hidden_dim
        self.first_state = nn.Linear(self.context_dim, state_dim) if self.context_dim else None
        self.input_dropout = Dropout(dropout if input_dropout is None else input_dropout)
        self.dropout = Dropout(dropout)
        self.head = nn.Linear(hidden_dim, space.size)
        nn.init.normal_(self.embedding.weight, std=0.1)

    def fit_bias(self, counts: torch.Tensor) -> None:
        """Start the output at the log-frequency of the tokens, counts [V], which would be learnt first anyway."""
        with torch.no_grad():
            self.head.bias.copy_(((counts + 1) / (counts + 1).sum()).log())

    def draw_noise(self, draws: Draws, rows: int, scale: float = 1.0) -> torch.Tensor:
        """Draw the noise of `rows` sequences, [rows, noise_dim]."""
        return draws.normal(rows, self.noise_dim) * scale

    def forward(self, batch: SequenceBatch, inputs: torch.Tensor, draws: Draws) -> torch.Tensor:
        """Return logits [B, T, V] for every step of `batch`, given the tokens before it.

        Args:
            batch: hard tokens; its labels are the condition.
            inputs: int64 [B, T], the token before every step, the start token first: see `shift_right`.
            draws: where the noise comes from.
        """
        noise = self.draw_noise(draws, len(inputs))
        step_noise = draws.normal(*inputs.shape, self.step_noise_dim) if self.step_noise_dim else None
        logits: torch.Tensor = self.head(self.outputs(inputs, batch.labels, noise, step_noise))
        return logits

    def outputs(
        self,
        inputs: torch.Tensor,
        labels: torch.Tensor | None,
        noise: torch.Tensor,
        step_noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the head's inputs [B, T, H] under teacher forcing, for noise that is given.

        Args:
            inputs: int64 [B, T], the token before every step.
            labels: int64 [B], or None.
            noise: [B, noise_dim], the noise of the sequences.
            step_noise: [B, T, step_noise_dim], the noise of the steps, where the generator takes any.
        """
        context = self._context(noise, labels)
        parts = [self.embedding(inputs), context[:, None].expand(-1, inputs.shape[1], -1)]
        if step_noise is not None:
            parts.append(step_noise)
        outputs, _ = self.cell.scan(self.input_dropout(torch.cat(parts, dim=-1)), self._first_cell_state(context))
        dropped: torch.Tensor = self.dropout(outputs)
        return dropped

    def start(self, noise: torch.Tensor, labels: torch.Tensor | None) -> TokenState:
        """Return the state before the first token, for noise [B, noise_dim] and labels [B]."""
        context = self._context(noise, labels)
        columns = self.cell.input_columns(self.embedding.embedding_dim, self.context_dim)
        return TokenState(self._first_cell_state(context), functional.linear(context, columns))

    def input_table(self) -> torch.Tensor:
        """Return the input product [V, G H] of every token's embedding: free running looks it up."""
        columns = self.cell.input_columns(0, self.embedding.embedding_dim)
        return functional.linear(self.embedding.weight, columns, self.cell.network.bias_ih_l0)

    def draw_step_noise(self, draws: Draws, rows: int) -> torch.Tensor:
        """Draw the noise of one step of `rows` sequences, [rows, step_noise_dim]."""
        return draws.normal(rows, self.step_noise_dim)

    def step(self, looked_up: torch.Tensor, state: TokenState, noise: torch.Tensor) -> tuple[torch.Tensor, TokenState]:
        """Run one step.

        Args:
            looked_up: [B, G H], the rows of `input_table` of the tokens before this step.
            state: where free running stands.
            noise: [B, step_noise_dim], the noise of this step.

        Returns:
            The logits [B, V] of this step's token, and the new state.
        """
        output, state = self.advance(looked_up, state, noise)
        return self.head(output), state

    def advance(
        self, looked_up: torch.Tensor, state: TokenState, noise: torch.Tensor
    ) -> tuple[torch.Tensor, TokenState]:
        """Run one step as far as the head's input [B, H], for whoever applies the head itself; see `step`."""
        projected = looked_up + state.context
        if self.step_noise_dim:
            columns = self.cell.input_columns(self.cell.network.input_size - self.step_noise_dim, self.step_noise_dim)
            projected = projected + functional.linear(noise, columns)
        output, cell_state = self.cell.step_projected(projected, state.cell)
        return output, TokenState(cell_state, state.context)

    def _context(self, noise: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
        return torch.cat([noise, self.label(labels, len(noise), noise)], dim=-1)

    def _first_cell_state(self, context: torch.Tensor) -> State:
        if self.first_state is None:
            return self.cell.zero_state(len(context))
        parts = torch.tanh(self.first_state(context)).chunk(self.cell.num_states, dim=-1)
        shape = (len(context), self.cell.num_layers, self.cell.hidden_dim)
        return tuple(part.reshape(shape).transpose(0, 1).contiguous() for part in parts)


def shift_right(batch: SequenceBatch, start: int) -> torch.Tensor:
    """Return int64 [B, T], the token before every step of `batch`: the start token, then its tokens but the last."""
    first = torch.full_like(batch.values[:, :1], start)
    return torch.cat([first, batch.values[:, :-1]], dim=1)
