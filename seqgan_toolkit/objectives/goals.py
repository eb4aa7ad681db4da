"""How well a sequence pursues the goals that a manager set for it (Guo et al. 2018; Vezhnevets et al. 2017)."""

from __future__ import annotations

import torch
from torch.nn.functional import cosine_similarity

from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.sequences import SequenceBatch, length_mask


def goal_cosines(features: torch.Tensor, goals: torch.Tensor, lengths: torch.Tensor, horizon: int) -> torch.Tensor:
    """Return cos(f_{t+c} - f_t, g_t) [B, T], with the gradient of the goals; 0 on padding.

    A goal that the end of its sequence overtakes is compared with the way to the end.

    Args:
        features: f [B, T + 1, F], of the prefixes.
        goals: g [B, T, F].
        lengths: int64 [B].
        horizon: c.
    """
    later = reached_by(lengths, goals.shape[1], horizon)
    moved = features.gather(1, later[..., None].expand_as(goals)) - features[:, :-1]
    return cosine_similarity(moved.float(), goals.float(), dim=-1) * length_mask(lengths, goals.shape[1])


def reached_by(lengths: torch.Tensor, steps: int, horizon: int) -> torch.Tensor:
    """Return int64 [B, T]: how long the prefix is that the goal of each step aims at, min(t + c, length)."""
    return torch.minimum(torch.arange(steps, device=lengths.device) + horizon, lengths[:, None])


def intrinsic_rewards(features: torch.Tensor, goals: torch.Tensor, lengths: torch.Tensor, horizon: int) -> torch.Tensor:
    """Return for each token the mean of cos(f_t - f_{t-i}, g_{t-i}) over the last c goals (equation 10), [B, T].

    f_t is the feature of the prefix that ends with it. The first tokens have fewer goals behind them; padding has 0.

    Args:
        features: f [B, T + 1, F], of the prefixes.
        goals: g [B, T, F].
        lengths: int64 [B].
        horizon: c.
    """
    steps = goals.shape[1]
    total, count = features.new_zeros(goals.shape[:2], dtype=torch.float32), torch.zeros(steps, device=goals.device)
    for back in range(1, min(horizon, steps) + 1):
        moved = features[:, back:] - features[:, :-back]
        total[:, back - 1 :] += cosine_similarity(moved.float(), goals[:, : steps + 1 - back].float(), dim=-1)
        count[back - 1 :] += 1
    return total / count * length_mask(lengths, steps)


def manager_loss(generator: ManagerWorkerGenerator, batch: SequenceBatch) -> torch.Tensor:
    """Return minus the sum over steps of the goals' cosines: what the manager minimises on real sequences [B]."""
    features = generator.features(batch.values)
    return -goal_cosines(features, generator.goals(features[:, :-1]), batch.lengths, generator.horizon).sum(1)
