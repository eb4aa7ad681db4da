"""The engine for tokens: samples without a gradient, as fast as the machine allows.

Three things make it fast (see `benchmarks/text.py`): the first layer's input product is a look-up in a table, tokens
are drawn by inverting the cumulative distribution with one uniform number a row, and rows that have ended leave.
"""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator, TokenState
from seqgan_toolkit.sequences import SequenceBatch


class TokenSampler:
    """Runs a token generator freely.

    Args:
        generator: the generator.
        max_length: steps after which a sequence is cut, its end token included.
    """

    def __init__(self, generator: TokenGenerator, max_length: int) -> None:
        self.generator = generator
        self.max_length = max_length

    @torch.no_grad()
    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, *, temperature: float = 1.0
    ) -> SequenceBatch:
        """Draw sequences.

        Args:
            labels: int64 [rows], or None.
            rows: how many sequences.
            draws: where noise and tokens come from.
            temperature: divides the logits; 0 takes the most likely token.

        Returns:
            Hard tokens int64 [rows, T], T the longest of them.
        """
        generator, space = self.generator, self.generator.space
        table = generator.input_table()
        state = generator.start(generator.draw_noise(draws, rows), labels)
        values = torch.full((rows, self.max_length), space.pad, device=table.device)
        lengths = torch.full((rows,), self.max_length, device=table.device)
        running = torch.arange(rows, device=table.device)
        tokens = torch.full((rows,), space.start, device=table.device)
        for step in range(self.max_length):
            logits, state = generator.step(table[tokens], state, draws)
            tokens = choose(forbid(logits, space.pad, space.start), draws, temperature)
            values[running, step] = tokens
            ended = tokens == space.end
            if ended.any():
                lengths[running[ended]] = step + 1
                running, tokens, state = self._drop(ended, running, tokens, state)
                if not len(running):
                    break
        return SequenceBatch(values[:, : int(lengths.max())], lengths, labels)

    @staticmethod
    def _drop(
        ended: torch.Tensor, running: torch.Tensor, tokens: torch.Tensor, state: TokenState
    ) -> tuple[torch.Tensor, torch.Tensor, TokenState]:
        going_on = (~ended).nonzero()[:, 0]
        return running[going_on], tokens[going_on], state.rows(going_on)


def forbid(logits: torch.Tensor, *tokens: int) -> torch.Tensor:
    """Return logits [B, V] under which `tokens` have no probability; used for padding and start."""
    return logits.index_fill(1, torch.tensor(tokens, device=logits.device), float("-inf"))


def choose(logits: torch.Tensor, draws: Draws, temperature: float) -> torch.Tensor:
    """Draw int64 [B] from logits [B, V], by one uniform number a row and the cumulative distribution."""
    if temperature == 0:
        return logits.argmax(-1)
    weights = (logits / temperature if temperature != 1 else logits).sub(logits.amax(-1, keepdim=True) / temperature)
    cumulative = weights.exp_().cumsum(-1)
    # A uniform number just below 1 can round up to the total; the last token that has a weight is meant then.
    level = (draws.uniform(len(logits), 1) * cumulative[:, -1:]).clamp(max=cumulative[:, -1:] * (1 - 1e-7))
    return torch.searchsorted(cumulative, level, right=True)[:, 0].clamp_(max=logits.shape[1] - 1)
