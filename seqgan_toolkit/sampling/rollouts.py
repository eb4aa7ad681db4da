"""Roll-outs: every prefix of every sequence of a batch, completed by the generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator, TokenState, shift_right
from seqgan_toolkit.sampling.strategies import PLAIN
from seqgan_toolkit.sampling.tokens import SamplingHead
from seqgan_toolkit.sequences import SequenceBatch

CHUNK = 2**14
"""Completions that are in memory at once, each with its tokens [T] and its state."""


@dataclass(frozen=True)
class Completions:
    """Whole sequences, each the completion of a prefix.

    Attributes:
        batch: hard tokens [P, T] with the labels of their sequences.
        rows: int64 [P], the sequence whose prefix was completed.
        steps: int64 [P], the last step of that prefix.
    """

    batch: SequenceBatch
    rows: torch.Tensor
    steps: torch.Tensor


class RollOuts:
    """Completes all prefixes of a batch together, in T sequential steps.

    A pool of completions advances by one token a step. The batch itself runs along, teacher-forced, and at every step
    the prefixes that end there join the pool with its state, so that no prefix is read again; what meets its end token
    leaves. A whole sequence is no prefix: there is nothing to complete.

    Args:
        generator: the generator; it takes no noise at single steps.
        max_length: steps after which a sequence is cut, its end token included.
        num_rollouts: completions of every prefix.
        chunk: the most completions that are in memory at once, but never less than one for each prefix of a sequence.
    """

    def __init__(self, generator: TokenGenerator, max_length: int, num_rollouts: int, chunk: int = CHUNK) -> None:
        self.generator, self.max_length = generator, max_length
        self.num_rollouts, self.chunk = num_rollouts, chunk

    @torch.no_grad()
    def complete(self, batch: SequenceBatch, noise: torch.Tensor, draws: Draws) -> Iterator[Completions]:
        """Yield all completions, in chunks of bounded memory.

        Every copy has a stream of its own, which gives a number to each prefix of each row at each step: neither the
        size of a chunk nor the number of processes changes what is drawn.

        Args:
            batch: hard tokens int64 [B, T].
            noise: [B, noise_dim], the noise that they were drawn with.
            draws: where tokens come from.
        """
        streams = [draws.fork() for _ in range(self.num_rollouts)]
        head = SamplingHead(self.generator, PLAIN)
        copies_at_once = max(1, self.chunk // (len(batch) * self.max_length))
        rows_at_once = max(1, self.chunk // self.max_length)
        for first_copy in range(0, self.num_rollouts, copies_at_once):
            copies = streams[first_copy : first_copy + copies_at_once]
            starts = [stream.state_dict() for stream in copies]
            for rows in torch.split(torch.arange(len(batch), device=batch.values.device), rows_at_once):
                for stream, start in zip(copies, starts, strict=True):
                    stream.load_state_dict(start)
                pool = _Pool(batch.rows(rows), rows, self.max_length, _Levels(copies, len(batch)), self.generator)
                if len(pool.rows):
                    with torch.inference_mode():
                        pool.run(noise[rows], head)
                    yield pool.completions()


class _Levels:
    """The numbers of U[0, 1) by which tokens are drawn, one stream for each copy.

    Args:
        streams: the streams.
        num_rows: B, of the whole batch.
    """

    def __init__(self, streams: Sequence[Draws], num_rows: int) -> None:
        self.streams, self.num_rows = streams, num_rows

    def draw(self, step: int) -> torch.Tensor:
        """Draw [copies, B, prefixes] for the tokens of `step`, before which so many prefixes have ended."""
        return torch.stack([stream.uniform(self.num_rows, step) for stream in self.streams])


class _Pool:
    """The completions of one chunk, in the order in which they join.

    Args:
        batch: the sequences [R, T] whose prefixes are completed.
        numbers: int64 [R], which sequences of the whole batch they are.
        max_length: steps after which a sequence is cut.
        levels: what tokens are drawn by.
        generator: the generator.
    """

    def __init__(
        self,
        batch: SequenceBatch,
        numbers: torch.Tensor,
        max_length: int,
        levels: _Levels,
        generator: TokenGenerator,
    ) -> None:
        self.batch, self.numbers, self.levels, self.generator = batch, numbers, levels, generator
        self.max_length, self.space = max_length, generator.space
        prefixes = batch.mask[:, 1:].T[:, None].expand(-1, len(levels.streams), -1)
        self.steps, self.copies, self.rows = prefixes.nonzero(as_tuple=True)
        given = torch.arange(batch.num_steps, device=batch.values.device) <= self.steps[:, None]
        self.values = functional.pad(
            torch.where(given, batch.values[self.rows], self.space.pad),
            (0, max_length - batch.num_steps),
            value=self.space.pad,
        )
        self.lengths = torch.full_like(self.rows, max_length)

    def completions(self) -> Completions:
        """Return the sequences of a pool that has run."""
        labels = None if self.batch.labels is None else self.batch.labels[self.rows]
        whole = SequenceBatch(self.values[:, : int(self.lengths.max())], self.lengths, labels)
        return Completions(whole, self.numbers[self.rows], self.steps)

    def run(self, noise: torch.Tensor, head: SamplingHead) -> None:
        """Fill values [P, T] and lengths [P] step by step, for the noise [R, noise_dim] of the sequences."""
        generator, look_up = self.generator, self.generator.look_up()
        inputs, no_noise = shift_right(self.batch, self.space.start), noise.new_zeros(0)
        own = generator.start(noise, self.batch.labels)
        running, state = self.rows[:0], own
        for step in range(self.max_length):
            # Whoever joins has the state before the last token of its prefix, which is then read by all alike.
            joining = (self.steps == step - 1).nonzero()[:, 0]
            if len(joining):
                joined = own.rows(self.rows[joining])
                state = state.join(joined) if len(running) else joined
                running = torch.cat([running, joining])
            if step < self.batch.num_steps:
                _, own = generator.advance(look_up(inputs[:, step]), own, no_noise)
            if len(running):
                outputs, state = generator.advance(look_up(self.values[running, step - 1]), state, no_noise)
                running, state = self._take(head, outputs, step, running, state)

    def _take(
        self, head: SamplingHead, outputs: torch.Tensor, step: int, running: torch.Tensor, state: TokenState
    ) -> tuple[torch.Tensor, TokenState]:
        """Draw the tokens of `step`, and return who goes on."""
        drawn = self.levels.draw(step)
        levels = drawn[self.copies[running], self.numbers[self.rows[running]], self.steps[running]]
        tokens = head.draw(outputs, levels[:, None])
        self.values[running, step] = tokens
        ended = tokens == self.space.end
        if not ended.any():
            return running, state
        self.lengths[running[ended]] = step + 1
        going_on = (~ended).nonzero()[:, 0]
        return running[going_on], state.rows(going_on)
