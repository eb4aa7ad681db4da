from __future__ import annotations

from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]
REINFORCE = (
    "adversarial.estimator={kind: reinforce}",
    "adversarial.loss=non_saturating",
    "discriminator.group_size=0",
)


def reward(text: str) -> str:
    return f"adversarial.estimator={{kind: reinforce, reward: {text}}}"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["generator.step_noise_dim=2"], "generator.step_noise_dim: with noise at every step a token has no one"),
        (["discriminator.group_size=2"], "discriminator.group_size: the reward of a sequence must not depend on its"),
        (["adversarial.max_shift=2"], "adversarial.max_shift is for frames"),
        (["adversarial.loss=relativistic_pairing"], "'relativistic_pairing' are no probabilities, which a reward of "
         "kind 'rollout' reads: use 'non_saturating', or scale 'logit'"),
        (["adversarial.loss=relativistic_pairing", reward("{kind: maligan}")], "reads: use 'non_saturating'"),
        ([reward("{kind: dense}")], "give discriminator.scores: both and a first recurrent encoder with "
         "bidirectional: false"),
        ([reward("{kind: dense}"), "discriminator.scores=both"], "which must not have seen later steps"),
        ([reward("{kind: rank, num_references: 8}"), "adversarial.batch_size=8"], "leaves nothing of "
         "adversarial.batch_size 8 real sequences to rank among"),
        (["adversarial.estimator={kind: reinforce, reward: {kind: maligan}, baseline: {kind: self_critical}}"],
         "a reward of kind 'maligan' says nothing of one greedy sequence"),
    ],
)  # fmt: skip
def test_what_a_policy_gradient_cannot_work_with(
    small: str, problems: Problems, overrides: list[str], message: str
) -> None:
    (problem,) = problems(small, [*REINFORCE, *overrides])
    assert message in problem


LEAKGAN = (
    *REINFORCE,
    "generator={kind: manager_worker}",
    "adversarial.estimator={kind: leakgan}",
    "discriminator.embedding_dim=64",
    "discriminator.encoders=[{kind: recurrent, bidirectional: false}]",
)


def test_leakgan_as_it_should_be(small: str, problems: Problems) -> None:
    assert not problems(small, LEAKGAN)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["generator={kind: tokens}"], "'leakgan' needs a generator of kind 'manager_worker'"),
        (["adversarial.estimator={kind: reinforce}"], "'manager_worker' needs the estimator 'leakgan'"),
        (
            ["discriminator.embedding_dim=32"],
            "give discriminator.embedding_dim 64 and an encoder {kind: recurrent, cell:",
        ),
        (["discriminator.encoders.0.bidirectional=true"], "hidden_dim: 96, bidirectional: false} of one layer"),
        (["discriminator.encoders=[{kind: convolutional}]"], "those of the discriminator's first recurrent encoder"),
        (["cooperative={steps: 2}"], "'cooperative' has no loss for a manager"),
    ],
)
def test_what_leakgan_cannot_work_with(small: str, problems: Problems, overrides: list[str], message: str) -> None:
    (problem,) = problems(small, [*LEAKGAN, *overrides])
    assert message in problem


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["adversarial.loss=relativistic_pairing", reward("{kind: sequence, scale: logit}")],
        ["adversarial.loss=relativistic_pairing", reward("{kind: rank, num_references: 2}")],
        [reward("{kind: dense}"), "discriminator.scores=both", "discriminator.encoders.0.bidirectional=false"],
    ],
)
def test_what_it_can_work_with(small: str, problems: Problems, overrides: list[str]) -> None:
    assert problems(small, [*REINFORCE, *overrides]) == []


def test_frames_have_no_policy(small: str, problems: Problems) -> None:
    changes = ["data={kind: rows, source: digits}", "generator={kind: frames}", "teacher_forcing=null"]
    (problem,) = problems(small, [*REINFORCE, *changes])
    assert "rows needs the estimator 'pathwise', not 'reinforce'" in problem
