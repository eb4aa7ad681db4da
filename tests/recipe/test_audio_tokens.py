"""Audio as tokens: what a recipe may ask for, and what is refused with what to choose instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]
TOKENS = ("data={kind: audio, source: plucks, representation: tokens}",)
FRAMES = ("generator={kind: frames}", "teacher_forcing=null", "adversarial.estimator={kind: pathwise}")


def test_the_token_path_works_on_audio(small: str, problems: Problems) -> None:
    assert problems(small, TOKENS) == []
    assert problems(small, [*TOKENS, "data.quantiser={num_codes: 64}"]) == []
    assert problems(small, [*TOKENS, "adversarial.estimator={kind: reinforce}", "discriminator.group_size=0",
                            "adversarial.loss=non_saturating"]) == []  # fmt: skip


def test_the_phases_for_tokens_take_them(small: str, problems: Problems) -> None:
    assert (
        problems(small, [*TOKENS, "cooperative={steps: 1}", "discriminator.group_size=0", "residual={steps: 1}"]) == []
    )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (FRAMES, "a generator of kind 'frames' cannot make audio as tokens (data.representation): use 'tokens'"),
        (
            ["data.representation=frames"],
            "a generator of kind 'tokens' cannot make audio as frames (data.representation): use 'frames' or",
        ),
        (
            ["adversarial.estimator={kind: pathwise}"],
            "audio as tokens (data.representation) needs the estimator 'gumbel_softmax' or 'reinforce', not 'pathwise'",
        ),
        (["adversarial.augment={}"], "adversarial.augment is for frames"),
        (["discriminator.packing=2", "discriminator.group_size=0"], "packing joins frames: leave it out for tokens"),
        (["evaluation.train_on_synthetic=true"], "'evaluation.train_on_synthetic' measures frames: leave it out"),
        (["data.quantiser={num_codes: 1}"], "data.quantiser.num_codes must be at least 2, found 1"),
        (
            ["data.quantiser={frames_per_token: 200}"],
            "quantiser.frames_per_token 200 is more than a clip has: give at most 125, or a smaller hop",
        ),
    ],
)
def test_what_does_not_fit_is_refused(small: str, problems: Problems, overrides: list[str], message: str) -> None:
    (found,) = problems(small, [*TOKENS, *overrides])
    assert message in found


def test_a_quantiser_without_tokens_is_refused(small: str, problems: Problems) -> None:
    (found,) = problems(small, ["data={kind: audio, source: plucks, quantiser: {}}", *FRAMES])
    assert "'quantiser' makes tokens: set representation to tokens, or leave 'quantiser' out" in found
