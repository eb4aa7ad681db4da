"""What a discriminator leaks to a generator: its features of every prefix of a sequence."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells.protocol import State
from seqgan_toolkit.models.cells.recurrent import CellKind, RecurrentCell


class PrefixFeatures(nn.Module):
    """A copy of a discriminator's recurrent encoder of one direction, which no gradient of the generator reaches.

    LeakGAN leaks the features of a convolutional network over the padded prefix, which is run anew at every step. The
    states of a causal encoder are features of all prefixes at once in one scan, and cost one step in free running.

    Args:
        num_tokens: V.
        cell: `rnn`, `lstm` or `gru`.
        embedding_dim: size of the discriminator's embedding of a token.
        hidden_dim: F, size of the encoder's state.
    """

    def __init__(self, num_tokens: int, *, cell: CellKind, embedding_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_tokens, embedding_dim)
        self.cell = RecurrentCell(cell, embedding_dim, hidden_dim)
        self.requires_grad_(False)

    @property
    def dim(self) -> int:
        """F, the size of a feature."""
        return self.cell.hidden_dim

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the features [B, T + 1, F] of the prefixes of tokens int64 [B, T], those of the empty one first."""
        states, _ = self.cell.scan(self.embedding(tokens), self.cell.zero_state(len(tokens)))
        return functional.pad(states, (0, 0, 1, 0))

    def input_table(self) -> torch.Tensor:
        """Return the input product [V, P] of every token: free running looks it up."""
        return functional.linear(self.embedding.weight, *self.cell.input_weights())

    def step(self, looked_up: torch.Tensor, state: State, reads: torch.Tensor) -> State:
        """Read one token.

        Args:
            looked_up: [B, P], the row of `input_table`.
            state: of the cell.
            reads: [B, 1], 1 where there is a token to read, 0 before the first one.

        Returns:
            The new state, whose first part holds the features [1, B, F].
        """
        _, after = self.cell.step_projected(looked_up, state)
        return tuple(part * reads for part in after)

    @torch.no_grad()
    def follow(self, embedding: nn.Embedding, network: nn.Module, share: float) -> None:
        """Go a share of the way to a discriminator's embedding and to the layer of its encoder."""
        own = [*self.embedding.parameters(), *self.cell.network.parameters()]
        torch._foreach_lerp_([*own], [*embedding.parameters(), *network.parameters()], share)
