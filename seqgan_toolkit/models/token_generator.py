"""A language model that can take noise and a label: the generator of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellMaker, State, first_state
from seqgan_toolkit.models.parts import Dropout, LabelEmbedding, embed
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
    """Embedding, cell and softmax head over a token space.

    Noise that is drawn once for a sequence, and the label, set the cell's first state and enter every step.
    It does not know how tokens are chosen: samplers and estimators do.

    Args:
        space: the token space.
        num_labels: how many labels the data carry; 0 for none.
        cell: makes the cell.
        embedding_dim: size of a token's embedding.
        noise_dim: size of the noise of a sequence; 0 for none.
        step_noise_dim: size of the noise of a step; 0 for none.
        label_dim: size of the label's embedding.
        dropout: on the cell's inputs and outputs, while training.
        input_dropout: on the cell's inputs, where it is another than on its outputs.
        tied_embeddings: whether the head's weights are the embedding's (Press and Wolf 2017); where their sizes
            differ, a layer brings the cell's outputs to the embedding's.
    """

    def __init__(
        self,
        space: TokenSpace,
        *,
        num_labels: int,
        cell: CellMaker,
        embedding_dim: int,
        noise_dim: int,
        step_noise_dim: int,
        label_dim: int,
        dropout: float,
        input_dropout: float | None = None,
        tied_embeddings: bool = False,
    ) -> None:
        super().__init__()
        self.space, self.num_labels = space, num_labels
        self.noise_dim, self.step_noise_dim = noise_dim, step_noise_dim
        self.embedding = nn.Embedding(space.size, embedding_dim)
        self.label = LabelEmbedding(num_labels, label_dim)
        self.context_dim = noise_dim + self.label.dim
        self.cell = cell(embedding_dim + self.context_dim + step_noise_dim)
        settable = self.context_dim and self.cell.state_dim
        self.first_state = nn.Linear(self.context_dim, self.cell.state_dim) if settable else None
        self.input_dropout = Dropout(dropout if input_dropout is None else input_dropout)
        self.dropout = Dropout(dropout)
        bridged = tied_embeddings and self.cell.hidden_dim != embedding_dim
        self.bridge = nn.Linear(self.cell.hidden_dim, embedding_dim) if bridged else None
        self.head = nn.Linear(embedding_dim if tied_embeddings else self.cell.hidden_dim, space.size)
        if tied_embeddings:
            self.head.weight = self.embedding.weight
        nn.init.normal_(self.embedding.weight, std=0.1)

    @property
    def head_bound(self) -> float | None:
        """The largest absolute value of an input of the head, or None where there is none."""
        return self.cell.output_bound if self.bridge is None else None

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
        logits: torch.Tensor = self.head(self.hidden(batch, inputs, draws))
        return logits

    def hidden(self, batch: SequenceBatch, inputs: torch.Tensor, draws: Draws) -> torch.Tensor:
        """Return the head's inputs [B, T, D], for whoever applies the head itself; see `forward`."""
        noise = self.draw_noise(draws, len(inputs))
        step_noise = draws.normal(*inputs.shape, self.step_noise_dim) if self.step_noise_dim else None
        return self.outputs(inputs, batch.labels, noise, step_noise)

    def outputs(
        self,
        inputs: torch.Tensor,
        labels: torch.Tensor | None,
        noise: torch.Tensor,
        step_noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the head's inputs [B, T, D] under teacher forcing, for noise that is given.

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
        state = first_state(self.cell, context, self.first_state)
        outputs, _ = self.cell.scan(self.input_dropout(torch.cat(parts, dim=-1)), state)
        return self._cross(self.dropout(outputs))

    def start(self, noise: torch.Tensor, labels: torch.Tensor | None) -> TokenState:
        """Return the state before the first token, for noise [B, noise_dim] and labels [B]."""
        context = self._context(noise, labels)
        first = self.embedding.embedding_dim
        weight, _ = self.cell.input_weights(slice(first, first + self.context_dim))
        return TokenState(first_state(self.cell, context, self.first_state), functional.linear(context, weight))

    def input_table(self) -> torch.Tensor:
        """Return the input product [V, P] of every token's embedding: free running looks it up."""
        return functional.linear(self.embedding.weight, *self.cell.input_weights(slice(self.embedding.embedding_dim)))

    def look_up(self, num_tokens: int | None = None) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what gives the input product [B, P] of tokens [B], hard or soft [B, V], throughout one free run.

        It is a table where there is no gradient. Where there is one, the gradient of a table would be as large as the
        table at every step, so that the few tokens of a step are multiplied instead; and so they are in a run that has
        fewer tokens than the table has rows.

        Args:
            num_tokens: how many tokens the run looks up at most; None for many.
        """
        few = num_tokens is not None and num_tokens < self.space.size
        if not few and not torch.is_grad_enabled():
            table = self.input_table()
            return lambda tokens: embed(tokens, table)
        weight, bias = self.cell.input_weights(slice(self.embedding.embedding_dim))
        return lambda tokens: functional.linear(embed(tokens, self.embedding.weight), weight, bias)

    def draw_step_noise(self, draws: Draws, rows: int) -> torch.Tensor:
        """Draw the noise of one step of `rows` sequences, [rows, step_noise_dim]."""
        return draws.normal(rows, self.step_noise_dim)

    def step(self, looked_up: torch.Tensor, state: TokenState, noise: torch.Tensor) -> tuple[torch.Tensor, TokenState]:
        """Run one step.

        Args:
            looked_up: [B, P], what `look_up` gives for the tokens before this step.
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
        """Run one step as far as the head's input [B, D], for whoever applies the head itself; see `step`."""
        projected = looked_up + state.context
        if self.step_noise_dim:
            weight, _ = self.cell.input_weights(slice(self.embedding.embedding_dim + self.context_dim, None))
            projected = projected + functional.linear(noise, weight)
        output, cell_state = self.cell.step_projected(projected, state.cell)
        return self._cross(output), TokenState(cell_state, state.context)

    def _cross(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs if self.bridge is None else self.bridge(outputs)

    def _context(self, noise: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
        return torch.cat([noise, self.label(labels, len(noise), noise)], dim=-1)


def shift_right(batch: SequenceBatch, start: int) -> torch.Tensor:
    """Return int64 [B, T], the token before every step of `batch`: the start token, then its tokens but the last."""
    first = torch.full_like(batch.values[:, :1], start)
    return torch.cat([first, batch.values[:, :-1]], dim=1)
