"""The engine for an ensemble of token generators: all members advance together on one sequence of tokens."""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sampling.tokens import forbid, invert
from seqgan_toolkit.sequences import SequenceBatch


class EnsembleSampler:
    """Runs an ensemble freely.

    Args:
        generator: the ensemble.
        max_length: steps after which a sequence is cut, its end token included.
    """

    def __init__(self, generator: EnsembleGenerator, max_length: int) -> None:
        self.generator, self.max_length = generator, max_length

    @torch.no_grad()
    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw hard tokens int64 [rows, T]; see `TokenSampler.sample`."""
        members, space = self.generator.generators, self.generator.space
        look_ups = [member.look_up() for member in members]
        states = [member.start(member.draw_noise(draws, rows), labels) for member in members]
        values = torch.full((rows, self.max_length), space.pad, device=draws.device)
        lengths = torch.full((rows,), self.max_length, device=draws.device)
        running = torch.arange(rows, device=draws.device)
        tokens = torch.full_like(running, space.start)
        for step in range(self.max_length):
            logits = []
            for index, member in enumerate(members):
                noise = member.draw_step_noise(draws, rows)[running]
                made, states[index] = member.step(look_ups[index](tokens), states[index], noise)
                logits.append(made)
            tokens = self._draw(logits, draws.uniform(rows, 1)[running], strategy)
            values[running, step] = tokens
            ended = tokens == space.end
            if ended.any():
                lengths[running[ended]] = step + 1
                going_on = (~ended).nonzero()[:, 0]
                running, tokens = running[going_on], tokens[going_on]
                states = [state.rows(going_on) for state in states]
                if not len(running):
                    break
        return SequenceBatch(values[:, : int(lengths.max())], lengths, labels)

    def _draw(self, logits: list[torch.Tensor], levels: torch.Tensor, strategy: Strategy) -> torch.Tensor:
        combined = forbid(self.generator.combine(logits), self.generator.space)
        if strategy.greedy:
            return combined.argmax(-1)
        return invert(torch.softmax(strategy.filter(combined.float() / strategy.temperature), -1), levels)
