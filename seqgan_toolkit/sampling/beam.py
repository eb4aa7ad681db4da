"""Beam search: the most likely sequences of a token generator, where sampling draws typical ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.base import by_label
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sampling.tokens import forbid
from seqgan_toolkit.sequences import SequenceBatch

HYPOTHESES_AT_ONCE = 512
"""Hypotheses whose logits are made at once; more rows are searched one after the other."""


@dataclass(frozen=True)
class Beams:
    """The best K sequences of every row, best first.

    Attributes:
        values: tokens int64 [B, K, T], padded.
        lengths: int64 [B, K].
        scores: [B, K], the mean log-probability of a token in nats, the end token included; minus infinity where
            there are fewer than K sequences.
    """

    values: torch.Tensor
    lengths: torch.Tensor
    scores: torch.Tensor

    def best(self, others: Beams) -> Beams:
        """Return the best K of these and others."""
        scores, places = torch.cat([self.scores, others.scores], dim=1).topk(self.scores.shape[1], dim=1)
        values = _select(torch.cat([self.values, others.values], dim=1), places)
        return Beams(values, torch.cat([self.lengths, others.lengths], dim=1).gather(1, places), scores)


class BeamSampler:
    """Searches for the most likely sequences, in place of drawing some.

    With noise every row is a search of its own, whose best sequence is returned. Without noise all rows of one label
    are the same search: the first of them gets its best sequence, the next its second best, so that none comes twice.

    Args:
        generator: the generator.
        max_length: steps after which a sequence is cut, its end token included.
        beam: K, how many unfinished sequences are held at every step, and how many finished ones in all.
    """

    def __init__(self, generator: TokenGenerator, max_length: int, beam: int) -> None:
        self.generator, self.max_length, self.beam = generator, max_length, beam

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Return one sequence a row; nothing is drawn but noise, so that there is one strategy, the plain one.

        Raises:
            UserError: more sequences of one label are asked for than the beam holds, or than there are.
        """
        assert strategy == PLAIN
        if self._has_noise(draws.fork()):
            found = self.search(labels, rows, draws)
            return _batch(found.values[:, 0], found.lengths[:, 0], labels)
        pad = self.generator.space.pad
        return by_label(labels, rows, pad, lambda label, count: self._ranked(label, count, draws))

    def _has_noise(self, draws: Draws) -> bool:
        return bool(self.generator.draw_noise(draws, 1).numel() + self.generator.draw_step_noise(draws, 1).numel())

    def _ranked(self, label: torch.Tensor | None, count: int, draws: Draws) -> SequenceBatch:
        """Return the `count` best sequences of one label."""
        if count > self.beam:
            raise UserError(
                f"this model has no noise, so that a beam of {self.beam} finds {self.beam} different sequences of a "
                f"label at most, and {count} were asked for: give --beam {count}, or a smaller --num"
            )
        found = self.search(label, 1, draws)
        num_found = int(found.scores.isfinite().sum())
        if num_found < count:
            raise UserError(f"there are only {num_found} different sequences, and {count} were asked for: lower --num")
        labels = None if label is None else label.expand(count)
        return _batch(found.values[0, :count], found.lengths[0, :count], labels)

    @torch.no_grad()
    def search(self, labels: torch.Tensor | None, rows: int, draws: Draws) -> Beams:
        """Return the best sequences of `rows` rows, with labels int64 [rows] or None."""
        size = max(1, HYPOTHESES_AT_ONCE // self.beam)
        parts = []
        for first in range(0, rows, size):
            chosen = None if labels is None else labels[first : first + size]
            parts.append(self._search(chosen, min(size, rows - first), draws))
        return Beams(
            torch.cat([part.values for part in parts]),
            torch.cat([part.lengths for part in parts]),
            torch.cat([part.scores for part in parts]),
        )

    def _search(self, labels: torch.Tensor | None, rows: int, draws: Draws) -> Beams:
        generator, space = self.generator, self.generator.space
        look_up, device = generator.look_up(), draws.device
        labels = None if labels is None else labels.to(device)
        row = torch.arange(rows, device=device)[:, None]
        state = generator.start(generator.draw_noise(draws, rows), labels).rows(row.expand(-1, self.beam).flatten())
        values = torch.full((rows, self.beam, self.max_length), space.pad, device=device)
        nothing = torch.full((rows, self.beam), float("-inf"), device=device)
        finished = Beams(values, torch.zeros_like(values[..., 0]), nothing)
        # All hypotheses are the same at first: one of them counts.
        totals, last = (
            nothing.index_fill(1, torch.zeros_like(row[0]), 0.0),
            torch.full_like(values[..., 0], space.start),
        )
        is_end = torch.arange(space.size, device=device) == space.end
        for step in range(self.max_length):
            noise = generator.draw_step_noise(draws, rows).repeat_interleave(self.beam, dim=0)
            logits, state = generator.step(look_up(last.flatten()), state, noise)
            logits = forbid(logits.float(), space)
            reached = totals[..., None] + logits.log_softmax(-1).view(rows, self.beam, -1)
            ending = reached if step + 1 == self.max_length else reached.masked_fill(~is_end, float("-inf"))
            ended, ended_totals, _ = _extend(values, ending, step)
            lengths = torch.full_like(ended[..., 0], step + 1)
            finished = finished.best(Beams(ended, lengths, ended_totals / (step + 1)))
            values, totals, parents = _extend(values, reached.masked_fill(is_end, float("-inf")), step)
            state, last = state.rows((row * self.beam + parents).flatten()), values[..., step]
            # What goes on can at best keep its total and grow as long as it may.
            if (finished.scores[:, -1] >= totals[:, 0] / self.max_length).all():
                break
        return finished


def _extend(values: torch.Tensor, totals: torch.Tensor, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Lengthen sequences [B, K, T] by the K best of the next tokens.

    Args:
        values: tokens int64 [B, K, T].
        totals: [B, K, V], the log-probability of a sequence with its next token.
        step: where the next token goes.

    Returns:
        The new sequences, their totals [B, K], and from which old one each came, int64 [B, K].
    """
    best, places = totals.flatten(1).topk(values.shape[1], dim=1)
    parents, tokens = places // totals.shape[2], places % totals.shape[2]
    values = _select(values, parents)
    values[..., step] = tokens
    return values, best, parents


def _batch(values: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> SequenceBatch:
    return SequenceBatch(values[:, : int(lengths.max())], lengths, labels).to("cpu")


def _select(values: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Return values [B, K, T] at places int64 [B, K'] of the second dimension."""
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[2]))
