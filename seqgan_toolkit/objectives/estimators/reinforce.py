"""The policy gradient: hard tokens, whose probabilities grow with the rewards that they bring."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.baselines import Baseline, Episode
from seqgan_toolkit.objectives.estimators.policy import Drawn, Policy
from seqgan_toolkit.objectives.estimators.rewards import Reward
from seqgan_toolkit.objectives.losses import masked_mean
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful


class Reinforce:
    """REINFORCE (Williams 1992): the gradient of log p(token) times its reward less a baseline, summed over steps.

    Args:
        policy: the generator.
        reward: what a token is credited with.
        baseline: what is taken off it.
        entropy_weight: weight of the entropy of every step's distribution, which the generator raises.
    """

    def __init__(self, policy: Policy, reward: Reward, baseline: Baseline, *, entropy_weight: float) -> None:
        self.policy, self.reward, self.baseline = policy, reward, baseline
        self.entropy_weight = entropy_weight
        self.parts: Mapping[str, Stateful] = baseline.parts
        self._noise: torch.Tensor | None = None

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        """Draw hard tokens [rows, T]; the noise of those that `loss` will see is kept."""
        drawn = self.policy.draw(labels, rows, draws)
        self._noise = drawn.noise if gradient else None
        return drawn.batch

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return minus the mean over sequences of the sum over steps of log p times the advantage."""
        return self.weighed(fake, self.rewards(fake, turn), turn)

    @torch.no_grad()
    def rewards(self, fake: SequenceBatch, turn: Turn) -> torch.Tensor:
        """Return what the tokens of `fake` are credited with, [B, T]."""
        return self.reward(self._drawn(fake), turn)

    def weighed(
        self, fake: SequenceBatch, rewards: torch.Tensor, turn: Turn
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return `loss` for rewards [B, T] that are given."""
        drawn, mask = self._drawn(fake), fake.mask
        followed = self.policy.follow(drawn)
        baseline = self.baseline(Episode(drawn, followed.hidden, rewards, turn))
        gain = followed.log_probs * (rewards - baseline) + self.entropy_weight * followed.entropy
        return -(gain * mask).sum(1).mean(), {
            "generator/reward": masked_mean(rewards, mask),
            "generator/baseline": masked_mean(baseline, mask),
            "generator/entropy": masked_mean(followed.entropy.detach(), mask),
        }

    def _drawn(self, fake: SequenceBatch) -> Drawn:
        assert self._noise is not None, "these sequences were drawn without a gradient in view"
        return Drawn(fake, self._noise)
