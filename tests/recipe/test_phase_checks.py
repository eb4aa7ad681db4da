from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

Problems = Callable[..., list[str]]

TIMEGAN = (
    "data={kind: rows, source: digits}",
    "generator={kind: timegan}",
    "teacher_forcing=null",
    "adversarial=null",
    "timegan={autoencoding_steps: 1, supervising_steps: 1, steps: 1}",
)


def test_timegan_as_it_should_be(small: str, problems: Problems) -> None:
    assert not problems(small, TIMEGAN)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["generator={kind: frames}"], "a generator of kind 'timegan' and the section 'timegan' need each other"),
        (["timegan=null", "teacher_forcing={steps: 1}"], "and the section 'timegan' need each other: give both"),
        (["teacher_forcing={steps: 1}"], "has its own phases: leave 'teacher_forcing' and 'adversarial' out"),
        (["discriminator=null"], "'timegan' needs a 'discriminator', which judges the latents"),
        (["timegan.batch_size=30"], "timegan.batch_size 30 is not a multiple of discriminator.group_size 4"),
        (["data={kind: text, source: grammar}"], "a generator of kind 'timegan' cannot make text: use 'tokens'"),
    ],
)
def test_what_timegan_cannot_work_with(small: str, problems: Problems, overrides: Sequence[str], message: str) -> None:
    (problem,) = problems(small, [*TIMEGAN, *overrides])
    assert message in problem


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["generator.step_noise_dim=2"], "set generator.step_noise_dim to 0"),
        (["generator={kind: manager_worker}", "adversarial=null"], "'professor_forcing' does not know a manager"),
    ],
)
def test_what_professor_forcing_cannot_work_with(
    small: str, problems: Problems, overrides: Sequence[str], message: str
) -> None:
    (problem,) = problems(small, ["teacher_forcing.professor_forcing={}", *overrides])
    assert message in problem
