from __future__ import annotations

from collections.abc import Callable

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.objectives.estimators.base import Turn
from seqgan_toolkit.objectives.estimators.baselines import NoBaseline
from seqgan_toolkit.objectives.estimators.leakgan import LeakGAN, Rescaled
from seqgan_toolkit.objectives.estimators.policy import Drawn, Policy
from seqgan_toolkit.objectives.estimators.reinforce import Reinforce
from seqgan_toolkit.objectives.estimators.rewards import Constant, Reward, RolledOut
from seqgan_toolkit.objectives.estimators.worth import Realness
from seqgan_toolkit.sampling.rollouts import RollOuts
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., ManagerWorkerGenerator]
MakeTurn = Callable[..., Turn]


class Given:
    def __init__(self, rewards: torch.Tensor) -> None:
        self.rewards = rewards

    def __call__(self, drawn: Drawn, turn: Turn) -> torch.Tensor:
        return self.rewards


def leakgan(
    generator: ManagerWorkerGenerator, reward: Reward, listen: Callable[[], None] = lambda: None, weight: float = 1.0
) -> LeakGAN:
    worker = Reinforce(Policy(generator, 4), reward, NoBaseline(), entropy_weight=0.0)
    return LeakGAN(generator, worker, listen, intrinsic_weight=weight)


def test_rewards_become_ranks_within_each_step(turn: MakeTurn, judge: Callable[..., Discriminator]) -> None:
    batch = SequenceBatch(torch.tensor([[3, 2], [2, 0], [4, 2], [3, 2]]), torch.tensor([2, 1, 2, 2]))
    rewards = torch.tensor([[0.9, 5.0], [0.1, 0.0], [0.4, 7.0], [0.4, -6.0]])
    found = Rescaled(Given(rewards), 12.0, 6)(Drawn(batch, torch.zeros(4, 0)), turn(judge()))
    first = torch.tensor([1, 4, 2.5, 2.5])  # the two alike share places 2 and 3
    torch.testing.assert_close(found[:, 0], torch.sigmoid(12 * (0.5 - first / 4)))
    second = torch.tensor([2, 1, 3]) / 3  # one sequence has no second step
    torch.testing.assert_close(found[[0, 2, 3], 1], torch.sigmoid(12 * (0.5 - second)))
    assert found[1, 1] == 0


def test_each_part_learns_from_its_own_loss(
    manager_worker: Make, turn: MakeTurn, judge: Callable[..., Discriminator]
) -> None:
    generator = manager_worker()
    # Without any reward the manager stays, and the worker learns from the goals alone.
    estimator = leakgan(generator, Given(torch.zeros(8, 4)))
    fake = estimator.sample(None, 8, Draws(1, "noise"), 0.0, gradient=True)
    estimator.worker.reward = Given(torch.zeros(fake.mask.shape))
    loss, values = estimator.loss(fake, turn(judge()))
    loss.backward()
    parts = dict(generator.named_parameters())
    assert values["generator/reward"] == values["generator/intrinsic"] != 0
    assert parts["head.weight"].grad.any()
    assert not parts["goal.weight"].grad.any()
    # With rewards and no intrinsic one, all but the leaked features move.
    generator.zero_grad()
    loss, _ = leakgan_loss(leakgan(generator, Constant(), weight=0.0), turn(judge()))
    loss.backward()
    moved = {name.split(".")[0] for name, weight in parts.items() if weight.grad is not None and weight.grad.any()}
    assert moved == {"embedding", "cell", "action", "head", "manager", "goal"}


def leakgan_loss(estimator: LeakGAN, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    return estimator.loss(estimator.sample(None, 8, Draws(1, "noise"), 0.0, gradient=True), turn)


def test_the_manager_learns_to_point_where_sequences_go(
    manager_worker: Make, turn: MakeTurn, judge: Callable[..., Discriminator]
) -> None:
    generator = manager_worker()
    estimator = leakgan(generator, Constant(), weight=0.0)
    managing = torch.optim.Adam([*generator.manager.parameters(), *generator.goal.parameters()], lr=1e-2)
    found = []
    for _ in range(40):
        loss, values = leakgan_loss(estimator, turn(judge()))
        managing.zero_grad()
        loss.backward()
        managing.step()
        found.append(float(values["generator/goal_cosine"]))
    assert found[-1] > max(0.5, found[0] + 0.3)


def test_it_listens_only_before_what_the_generator_learns_from(manager_worker: Make) -> None:
    heard: list[int] = []
    estimator = leakgan(manager_worker(), Constant(), lambda: heard.append(1))
    estimator.sample(None, 2, Draws(1, "noise"), 0.0, gradient=False)
    assert not heard
    estimator.sample(None, 2, Draws(1, "noise"), 0.0, gradient=True)
    assert heard


def test_completions_come_from_the_exact_distribution(
    manager_worker: Make, turn: MakeTurn, judge: Callable[..., Discriminator], every_sequence: Callable[..., dict]
) -> None:
    generator, network = manager_worker(), judge()
    exact = {sequence: float(share.detach()) for sequence, share in every_sequence(generator, 4).items()}
    batch = SequenceBatch(torch.tensor([[3, 4, 3, 2]]), torch.tensor([4]))
    reward = RolledOut(Realness("probability"), RollOuts(generator, 4, 4000))
    found = reward(Drawn(batch, torch.zeros(1, 0)), turn(network))[0]
    for step in range(3):
        prefix = tuple(batch.values[0, : step + 1].tolist())
        chosen = {sequence: share for sequence, share in exact.items() if sequence[: step + 1] == prefix}
        worths = [
            float(network(SequenceBatch(torch.tensor([s]), torch.tensor([len(s)]))).scores.sigmoid()) for s in chosen
        ]
        expected = sum(a * b for a, b in zip(worths, chosen.values(), strict=True)) / sum(chosen.values())
        assert abs(float(found[step]) - expected) < 0.03
