"""Tokens by a relaxed sample at every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.objectives.estimators.base import Turn, differentiable_loss
from seqgan_toolkit.objectives.schedules import Shape, between
from seqgan_toolkit.sampling.tokens import forbid
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful


class GumbelSoftmax:
    """Soft tokens: softmax((logits + Gumbel noise) / temperature) (Jang et al. 2017; Maddison et al. 2017).

    The token that is fed back is the largest of the perturbed logits, which is an exact sample of the generator; the
    discriminator sees the soft one, or with `straight_through` the hard one with the soft one's gradient. With `soft`
    feedback the mean embedding under the soft token is fed back in its place: what a token does to later ones then has
    a gradient, and the sequences are no samples of the generator any more.

    Args:
        generator: the generator.
        max_length: steps after which a sequence is cut.
        straight_through: whether the discriminator sees hard tokens.
        feedback: whether the generator reads hard or soft tokens.
        start: the temperature at the start of the phase.
        end: the temperature at its end.
        shape: the course between them.
    """

    def __init__(
        self,
        generator: TokenGenerator,
        max_length: int,
        *,
        straight_through: bool,
        feedback: Literal["hard", "soft"] = "hard",
        start: float,
        end: float,
        shape: Shape,
    ) -> None:
        self.generator, self.max_length = generator, max_length
        self.straight_through, self.soft_feedback = straight_through, feedback == "soft"
        self.start, self.end, self.shape = start, end, shape
        self.parts: Mapping[str, Stateful] = {}

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        """Draw soft tokens [rows, T, V]; padding behind the end token is the hard padding token."""
        with torch.set_grad_enabled(gradient):
            return self._sample(labels, rows, draws.fork(), done)

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the objective on `fake`."""
        return differentiable_loss(fake, turn)

    def _sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float) -> SequenceBatch:
        generator, space = self.generator, self.generator.space
        temperature = between(self.start, self.end, done, self.shape)
        look_up, device = generator.look_up(rows * self.max_length), generator.head.weight.device
        state = generator.start(generator.draw_noise(draws, rows), labels)
        fed = torch.full((rows,), space.start, device=device)
        lengths = torch.full((rows,), self.max_length, device=device)
        running = torch.arange(rows, device=device)
        padding = functional.one_hot(torch.full((rows,), space.pad, device=device), space.size).float()
        soft_steps = []
        for step in range(self.max_length):
            # While nobody has ended, views do what copies by index would.
            all_run = len(running) == rows
            whose = slice(None) if all_run else running
            # Noise is drawn for all rows, ended or not, so that many processes draw what one would.
            step_noise = generator.draw_step_noise(draws, rows)[whose]
            gumbel = forbid(draws.gumbel(rows, space.size), space)[whose]
            logits, state = generator.step(look_up(fed), state, step_noise)
            perturbed = logits.float() + gumbel
            # The place of the maximum is found three times as fast with it as by `argmax`.
            tokens = perturbed.detach().max(-1).indices
            soft = torch.softmax(perturbed / temperature, dim=-1)
            visible = self._visible(soft, tokens)
            soft_steps.append(visible if all_run else padding.index_put((running,), visible))
            fed = soft if self.soft_feedback else tokens
            ended = tokens == space.end
            if ended.any():
                lengths[running[ended]] = step + 1
                going_on = (~ended).nonzero()[:, 0]
                running, fed, state = running[going_on], fed[going_on], state.rows(going_on)
                if not len(running):
                    break
        return SequenceBatch(torch.stack(soft_steps, dim=1), lengths, labels)

    def _visible(self, soft: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        if not self.straight_through:
            return soft
        hard = torch.zeros_like(soft).scatter_(1, tokens[:, None], 1.0)
        return hard + soft - soft.detach()
