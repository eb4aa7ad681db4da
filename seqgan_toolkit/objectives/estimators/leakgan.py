"""LeakGAN's way: the policy gradient for the worker, and directions in the leaked features for the manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.policy import Drawn
from seqgan_toolkit.objectives.estimators.reinforce import Reinforce
from seqgan_toolkit.objectives.estimators.rewards import Reward
from seqgan_toolkit.objectives.goals import goal_cosines, intrinsic_rewards, reached_by
from seqgan_toolkit.objectives.losses import masked_mean
from seqgan_toolkit.objectives.whole_batch import whole_batch
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful


class Rescaled:
    """The bootstrapped rescaled activation: sigmoid(delta (0.5 - rank / B)), step by step (Guo et al. 2018).

    rank counts from 1, for the best of the B sequences that have the step; equal rewards share their mean rank.

    Args:
        reward: what is ranked.
        delta: how far the best and the worst are apart.
        max_length: steps of the longest sequence, which all processes compare.
    """

    def __init__(self, reward: Reward, delta: float, max_length: int) -> None:
        self.reward, self.delta, self.max_length = reward, delta, max_length

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        """Return the rewards [B, T] in (0, 1)."""
        mask, missing = drawn.batch.mask, (0, self.max_length - drawn.batch.num_steps)
        own = self.reward(drawn, turn)
        there = whole_batch(functional.pad(mask.float(), missing))[:, : own.shape[1]]
        others = whole_batch(functional.pad(own, missing))[:, : own.shape[1]]
        better = ((others > own[:, None]) * there).sum(1)
        equal = ((others == own[:, None]) * there).sum(1)
        rank = better + (equal + 1) / 2
        return torch.sigmoid(self.delta * (0.5 - rank / there.sum(0).clamp(min=1))) * mask


class LeakGAN:
    """Guo et al. 2018: the worker by REINFORCE, the manager by -Q cos(f_{t+c} - f_t, g_t) (equation 8).

    Q is the reward of the token with which the goal's steps end. The worker's reward of a token is the same reward and
    `intrinsic_weight` times how well the last goals were pursued (10), as in FuN (Vezhnevets et al. 2017).

    Args:
        generator: the manager and the worker.
        worker: the policy gradient of the worker, with the reward from the discriminator.
        listen: lets the generator's copy of the discriminator's encoder follow it.
        intrinsic_weight: weight of the intrinsic reward.
    """

    def __init__(
        self,
        generator: ManagerWorkerGenerator,
        worker: Reinforce,
        listen: Callable[[], None],
        *,
        intrinsic_weight: float,
    ) -> None:
        self.generator, self.worker, self.listen = generator, worker, listen
        self.intrinsic_weight = intrinsic_weight
        self.parts: Mapping[str, Stateful] = worker.parts

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        """Draw hard tokens [rows, T]; before those that `loss` will see, the generator listens."""
        if gradient:
            self.listen()
        return self.worker.sample(labels, rows, draws, done, gradient=gradient)

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the sum of the worker's and the manager's losses, whose gradients share no parameter."""
        horizon, mask = self.generator.horizon, fake.mask
        features = self.generator.features(fake.values)
        goals = self.generator.goals(features[:, :-1])
        rewards = self.worker.rewards(fake, turn)
        intrinsic = intrinsic_rewards(features, goals.detach(), fake.lengths, horizon)
        worker, values = self.worker.weighed(fake, rewards + self.intrinsic_weight * intrinsic, turn)
        cosines = goal_cosines(features, goals, fake.lengths, horizon)
        ends = reached_by(fake.lengths, fake.num_steps, horizon) - 1
        manager = -(rewards.gather(1, ends.clamp(max=fake.num_steps - 1)) * cosines).sum(1).mean()
        return worker + manager, {
            **values,
            "generator/intrinsic": masked_mean(intrinsic, mask),
            "generator/goal_cosine": masked_mean(cosines.detach(), mask),
        }
