from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cosine_similarity

from seqgan_toolkit.objectives.goals import goal_cosines, intrinsic_rewards

LENGTHS = torch.tensor([5, 2])


def course() -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(2)
    return torch.randn(2, 6, 3, generator=source), torch.randn(2, 5, 3, generator=source)


@pytest.mark.parametrize("horizon", [1, 2, 9])
def test_goals_and_rewards_are_those_of_their_definitions(horizon: int) -> None:
    features, goals = course()
    cosines = goal_cosines(features, goals, LENGTHS, horizon)
    rewards = intrinsic_rewards(features, goals, LENGTHS, horizon)
    for row, length in enumerate(LENGTHS.tolist()):
        f, g = features[row], goals[row]
        for t in range(5):
            if t >= length:
                assert cosines[row, t] == rewards[row, t] == 0
                continue
            expected = cosine_similarity(f[min(t + horizon, length)] - f[t], g[t], dim=0)
            torch.testing.assert_close(cosines[row, t], expected)
            # The token of step t ends the prefix of t + 1 tokens, before which there are so many goals.
            past = [
                cosine_similarity(f[t + 1] - f[t + 1 - i], g[t + 1 - i], dim=0)
                for i in range(1, min(horizon, t + 1) + 1)
            ]
            torch.testing.assert_close(rewards[row, t], torch.stack(past).mean())


def test_a_goal_that_is_reached_is_worth_one() -> None:
    features, _ = course()
    ways = features[:, 1:] - features[:, :-1]
    torch.testing.assert_close(intrinsic_rewards(features, 3 * ways, torch.tensor([5, 5]), 1), torch.ones(2, 5))
