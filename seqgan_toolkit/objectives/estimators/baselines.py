"""What is taken off a reward before it weighs a token, so that the gradient scatters less and means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.policy import Drawn, Policy
from seqgan_toolkit.objectives.estimators.rewards import Reward
from seqgan_toolkit.objectives.losses import masked_mean, sequence_means
from seqgan_toolkit.objectives.whole_batch import whole_batch
from seqgan_toolkit.stateful import Stateful


@dataclass(frozen=True)
class Episode:
    """What a baseline may look at.

    Attributes:
        drawn: the sequences.
        hidden: [B, T, H], what the generator's head read before it drew each token.
        rewards: [B, T].
        turn: the generator's turn.
    """

    drawn: Drawn
    hidden: torch.Tensor
    rewards: torch.Tensor
    turn: Turn


class Baseline(Protocol):
    """Foretells the reward of a token from anything but that token and those after it.

    Attributes:
        parts: whatever of its own changes from step to step, by name.
    """

    parts: Mapping[str, Stateful]

    def __call__(self, episode: Episode) -> torch.Tensor:
        """Return [B, T], made before it learns from `episode`, without a gradient."""
        ...


class NoBaseline:
    """Nothing."""

    parts: Mapping[str, Stateful] = {}

    def __call__(self, episode: Episode) -> torch.Tensor:
        """Return zeros [B, T]."""
        return torch.zeros_like(episode.rewards)


class MovingAverageBaseline:
    """The mean reward of the batches before, the later ones more; 0 before the first.

    Args:
        decay: the weight of the past.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.total, self.weight = 0.0, 0.0
        self.parts: Mapping[str, Stateful] = {"moving_average": self}

    def __call__(self, episode: Episode) -> torch.Tensor:
        """Return one number everywhere [B, T]."""
        before = self.total / self.weight if self.weight else 0.0
        mean = float(whole_batch(sequence_means(episode.rewards, episode.drawn.batch.mask)).mean())
        self.total = self.decay * self.total + (1 - self.decay) * mean
        self.weight = self.decay * self.weight + (1 - self.decay)
        return torch.full_like(episode.rewards, before)

    def state_dict(self) -> dict[str, float]:
        """Return the sums."""
        return {"total": self.total, "weight": self.weight}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Go on from what `state_dict` returned."""
        self.total, self.weight = state["total"], state["weight"]


class Learner(Stateful, Protocol):
    """The optimiser of a network, as `training.optimizers.Descent` is one."""

    def step(self, loss: torch.Tensor, name: str, done: float) -> tuple[float, float]:
        """Take one step down `loss` when the share `done` of the phase is behind."""
        ...


class ValueBaseline:
    """A linear function of what the generator's head reads, learnt by the squared error of the reward.

    Args:
        head: from [..., H] to [..., 1].
        learner: its optimiser.
    """

    def __init__(self, head: nn.Linear, learner: Learner) -> None:
        self.head, self.learner = head, learner
        self.parts: Mapping[str, Stateful] = {"value": head, "value_optimizer": learner}

    def __call__(self, episode: Episode) -> torch.Tensor:
        """Return the reward [B, T] that is foreseen before each token is drawn."""
        foreseen: torch.Tensor = self.head(episode.hidden.float())[..., 0]
        error = masked_mean((foreseen - episode.rewards).square(), episode.drawn.batch.mask)
        self.learner.step(error, "value", episode.turn.done)
        return foreseen.detach()


class SelfCritical:
    """The reward of the sequence of most likely tokens for the same noise and label (Rennie et al. 2017).

    Where that one is shorter, its last step stands for those that it lacks.

    Args:
        policy: the policy.
        reward: the reward.
    """

    parts: Mapping[str, Stateful] = {}

    def __init__(self, policy: Policy, reward: Reward) -> None:
        self.policy, self.reward = policy, reward

    @torch.no_grad()
    def __call__(self, episode: Episode) -> torch.Tensor:
        """Return the greedy sequences' rewards, step by step [B, T]."""
        greedy = self.policy.greedy(episode.drawn)
        rewards = self.reward(greedy, episode.turn)
        steps = torch.arange(episode.rewards.shape[1], device=rewards.device)
        return rewards.gather(1, torch.minimum(steps, greedy.batch.lengths[:, None] - 1))
