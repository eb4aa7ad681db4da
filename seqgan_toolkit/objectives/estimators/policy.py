"""A token generator as a policy: what it draws, and how likely its own tokens are."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.parts import without_dropout
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sampling.tokens import TokenSampler, forbid
from seqgan_toolkit.sequences import SequenceBatch

GREEDY = Strategy(temperature=0)


@dataclass(frozen=True)
class Drawn:
    """Hard tokens [B, T], and the noise [B, noise_dim] that they were drawn with."""

    batch: SequenceBatch
    noise: torch.Tensor


@dataclass(frozen=True)
class Followed:
    """A policy on the steps of sequences.

    Attributes:
        hidden: [B, T, H], what the head reads before it draws each token, cut from the graph.
        log_probs: [B, T], of each token given those before it, with the generator's gradient; 0 on padding.
        entropy: [B, T], of the distribution that each token was drawn from, likewise; 0 on padding.
    """

    hidden: torch.Tensor
    log_probs: torch.Tensor
    entropy: torch.Tensor


class Policy:
    """A generator that takes no noise at single steps; always without dropout, and in float32.

    Args:
        generator: the generator.
        max_length: steps after which a sequence is cut.
    """

    def __init__(self, generator: TokenGenerator, max_length: int) -> None:
        self.generator, self.max_length = generator, max_length
        self._sampler = TokenSampler(generator, max_length)

    def draw(self, labels: torch.Tensor | None, rows: int, draws: Draws) -> Drawn:
        """Draw `rows` sequences for labels [rows]."""
        # A stream of its own: how many numbers are drawn hangs on the longest sequence of this process.
        own = draws.fork()
        return self._run(self.generator.draw_noise(own, rows), labels, own, PLAIN)

    def greedy(self, drawn: Drawn) -> Drawn:
        """Return the sequences of the most likely tokens for the same noise and labels."""
        return self._run(drawn.noise, drawn.batch.labels, Draws(0, "greedy", device=drawn.noise.device), GREEDY)

    def follow(self, drawn: Drawn) -> Followed:
        """Read sequences in one teacher-forced pass."""
        batch, generator, space = drawn.batch, self.generator, self.generator.space
        with without_dropout(generator):
            hidden = generator.outputs(shift_right(batch, space.start), batch.labels, drawn.noise)
        # Steps of padding are left out before the softmax: it is the largest product of the pass.
        mask = batch.mask
        all_log_probs = forbid(generator.head(hidden[mask]).float(), space).log_softmax(-1)
        chosen = all_log_probs.gather(1, batch.values[mask][:, None])[:, 0]
        # What has no probability adds nothing; its logarithm would make it 0 times infinity.
        surprise = (all_log_probs.exp() * all_log_probs.clamp(min=torch.finfo(torch.float32).min)).sum(-1)
        nothing = torch.zeros_like(mask, dtype=torch.float32)
        return Followed(hidden.detach(), nothing.masked_scatter(mask, chosen), nothing.masked_scatter(mask, -surprise))

    def _run(self, noise: torch.Tensor, labels: torch.Tensor | None, draws: Draws, strategy: Strategy) -> Drawn:
        # Tokens drawn in bfloat16 would come from another distribution than the one whose probabilities are taken.
        with torch.autocast(noise.device.type, enabled=False):
            return Drawn(self._sampler.sample_from(noise, labels, draws, strategy), noise)
