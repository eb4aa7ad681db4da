"""The engine for tokens: samples without a gradient, as fast as the machine allows.

Five things make it fast (see `benchmarks/text.py`): the first layer's input product is a look-up in a table; tokens
are drawn by inverting the cumulative distribution with one uniform number a row, which is summed up in blocks and
then within one block; where the weights show that no logit can leave the range of a float's exponent, the softmax is
one power of two; logits are made for so few rows at once that they stay in the cache; rows that have ended leave.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator, TokenState
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace

BLOCK = 128
"""Tokens whose probabilities are summed before any is looked at."""
LOGITS_AT_ONCE = 2**20
"""Logits that are made at once on a CPU: 4 MB."""
WIDEST_RANGE = 120.0
"""Nats between the bounds of a row's largest logit within which exponentials need no maximum taken off first: a float
spans e^-87 to e^88, and what is lost below is less than e^-27 of the sum."""


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
    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw sequences.

        Args:
            labels: int64 [rows], or None.
            rows: how many sequences.
            draws: where noise and tokens come from.
            strategy: how a token is chosen from its logits.

        Returns:
            Hard tokens int64 [rows, T], T the longest of them.
        """
        return self.sample_from(self.generator.draw_noise(draws, rows), labels, draws, strategy)

    @torch.no_grad()
    def sample_from(
        self, noise: torch.Tensor, labels: torch.Tensor | None, draws: Draws, strategy: Strategy = PLAIN
    ) -> SequenceBatch:
        """Draw sequences for noise [rows, noise_dim] that is given; see `sample`."""
        rows, device, space = len(noise), self.generator.head.weight.device, self.generator.space
        values = torch.full((rows, self.max_length), space.pad, device=device)
        lengths = torch.full((rows,), self.max_length, device=device)
        # What is returned is made outside of inference mode, or no one could train on it.
        with torch.inference_mode():
            state = self.generator.start(noise, labels)
            self._run(values, lengths, state, draws, SamplingHead(self.generator, strategy))
        return SequenceBatch(values[:, : int(lengths.max())], lengths, labels)

    def _run(
        self, values: torch.Tensor, lengths: torch.Tensor, state: TokenState, draws: Draws, head: SamplingHead
    ) -> None:
        """Fill values [rows, T] and lengths [rows] step by step."""
        generator, space, rows = self.generator, self.generator.space, len(values)
        look_up = generator.look_up()
        running = torch.arange(rows, device=values.device)
        tokens = torch.full_like(running, space.start)
        for step in range(self.max_length):
            # While nobody has ended, views do what copies by index would.
            whose = slice(None) if len(running) == rows else running
            # Numbers are drawn for all rows, ended or not, so that many processes draw what one would.
            noise = generator.draw_step_noise(draws, rows)[whose]
            outputs, state = generator.advance(look_up(tokens), state, noise)
            tokens = head.draw(outputs, draws.uniform(rows, 1)[whose])
            values[whose, step] = tokens
            ended = tokens == space.end
            if ended.any():
                lengths[running[ended]] = step + 1
                running, tokens, state = self._drop(ended, running, tokens, state)
                if not len(running):
                    break

    @staticmethod
    def _drop(
        ended: torch.Tensor, running: torch.Tensor, tokens: torch.Tensor, state: TokenState
    ) -> tuple[torch.Tensor, torch.Tensor, TokenState]:
        going_on = (~ended).nonzero()[:, 0]
        return running[going_on], tokens[going_on], state.rows(going_on)


class SamplingHead:
    """The softmax head and the draw from it in one; padding and start are never drawn.

    Args:
        generator: whose head it is.
        strategy: how a token is chosen from its logits.
    """

    def __init__(self, generator: TokenGenerator, strategy: Strategy) -> None:
        head, space = generator.head, generator.space
        weight, bias = head.weight, forbid(head.bias[None], space)[0]
        self.strategy = strategy
        if not strategy.greedy and strategy.temperature != 1:
            weight, bias = weight / strategy.temperature, bias / strategy.temperature
        shift = None if strategy.filters else _middle(weight, bias, generator.head_bound)
        self.narrow = shift is not None
        if shift is not None:
            # The softmax is then a power of two, whose exponents the head itself makes.
            weight, bias = weight * math.log2(math.e), (bias - shift) * math.log2(math.e)
        # Rows of weights are added here, once, so that `invert` need not add columns of logits at every step.
        missing = -space.size % BLOCK
        self.weight = functional.pad(weight, (0, 0, 0, missing))
        self.bias = functional.pad(bias, (0, missing), value=float("-inf"))
        on_cpu = weight.device.type == "cpu"
        self.rows_at_once = max(1, LOGITS_AT_ONCE // space.size) if on_cpu else None

    def draw(self, outputs: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
        """Draw int64 [B] for inputs [B, D] of the head, by numbers [B, 1] of U[0, 1)."""
        size = self.rows_at_once or len(outputs)
        if len(outputs) <= size:
            return self._draw(outputs, levels)
        pieces = zip(torch.split(outputs, size), torch.split(levels, size), strict=True)
        return torch.cat([self._draw(piece, level) for piece, level in pieces])

    def _draw(self, outputs: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
        logits = functional.linear(outputs, self.weight, self.bias)
        if self.strategy.greedy:
            return logits.argmax(-1)
        logits = self.strategy.filter(logits)
        return invert(logits.exp2_() if self.narrow else torch.softmax(logits, -1, out=logits), levels)


def _middle(weight: torch.Tensor, bias: torch.Tensor, input_bound: float | None) -> float | None:
    """Return the middle of the range of a row's largest logit, or None where that range is too wide for a float.

    Args:
        weight: [V, H], of the head.
        bias: [V], of the head.
        input_bound: the largest absolute value of an input of the head, or None where there is none.
    """
    if input_bound is None:
        return None
    reach = weight.abs().sum(-1) * input_bound
    highest, lowest = float((bias + reach).max()), float((bias - reach).max())
    return (highest + lowest) / 2 if highest - lowest <= WIDEST_RANGE else None


def forbid(logits: torch.Tensor, space: TokenSpace) -> torch.Tensor:
    """Return logits [B, V] under which what no sequence of `space` holds has no probability: padding and start."""
    if not space.never_drawn:
        return logits
    tokens = torch.tensor(space.never_drawn, dtype=torch.int64, device=logits.device)
    return logits.index_fill(1, tokens, float("-inf"))


def choose(logits: torch.Tensor, draws: Draws, temperature: float) -> torch.Tensor:
    """Draw int64 [B] from logits [B, V], by one uniform number a row and the cumulative distribution."""
    if temperature == 0:
        return logits.argmax(-1)
    weights = torch.softmax(logits.float() / temperature, -1)
    return invert(weights, draws.uniform(len(logits), 1))


def invert(weights: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    """Return for each row the token at which its cumulative distribution passes a level.

    A running sum over all tokens is slow, so that the blocks are summed first, and then one block of each row is.

    Args:
        weights: [B, V], at least 0, with a positive sum.
        uniform: [B, 1], the level as a share of that sum, in [0, 1).

    Returns:
        Tokens int64 [B], whose weights are positive.
    """
    missing = -weights.shape[1] % BLOCK
    blocks = (functional.pad(weights, (0, missing)) if missing else weights).view(len(weights), -1, BLOCK)
    sums = blocks.sum(-1)
    cumulative = sums.cumsum(-1)
    # A number of [0, 1) times the total rounds to less than the total, so that there is always such a block.
    level = uniform * cumulative[:, -1:]
    block = torch.searchsorted(cumulative, level, right=True).clamp_(max=blocks.shape[1] - 1)
    firsts = torch.arange(0, sums.numel(), sums.shape[1], device=block.device)
    within = blocks.view(-1, BLOCK).index_select(0, firsts + block[:, 0]).cumsum(-1)
    # What is left for the block can round to below 0 or to its sum: its first or last token of weight is meant then.
    left = (level - (cumulative - sums).gather(1, block)).clamp_(min=0)
    left = torch.minimum(left, within[:, -1:] * (1 - 1e-7))
    token = block * BLOCK + torch.searchsorted(within, left, right=True)
    return token[:, 0].clamp_(max=weights.shape[1] - 1)
