"""Settings of the game that cannot work are refused when the recipe is read, with what to choose instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"penalty.gamma": "-1"}, "penalty.gamma must be at least 0.0, found -1"),
        ({"penalty.final_gamma": "-1"}, "penalty.final_gamma must be at least 0.0, found -1"),
        ({"discriminator_steps": "0"}, "discriminator_steps must be at least 1, found 0"),
        (
            {"penalty": "{backend: exact, final_sigma: 0.1}"},
            "backend 'exact' takes no difference: leave final_sigma out, or use backend 'finite_difference'",
        ),
        (
            {"discriminator_optimizer": "{kind: sgd, final_beta2: 0.99}"},
            "kind 'sgd' has no betas: leave final_beta2 out, or use kind 'adam'",
        ),
        ({"augment": "{}"}, "augment is for frames: words are blanked by discriminator.word_dropout"),
        (
            {"augment": "{target: null}"},
            "nothing is ever augmented: give a target or a probability above 0",
        ),
        ({"augment": "{probability: 0.9}"}, "augment.probability must be at most 0.8, found 0.9"),
        (
            {"instance_noise": "0.1", "estimator": "{kind: reinforce}", "loss": "non_saturating"},
            "instance_noise would only make rewards noisy: set it to 0, or use the estimator gumbel_softmax or",
        ),
        ({"discriminator_optimizer.momentum": "0.9"}, "unknown key 'adversarial.discriminator_optimizer.momentum'."),
    ],
)
def test_what_cannot_work_is_refused(small: str, problems: Problems, changes: dict[str, str], message: str) -> None:
    (found,) = problems(small, [f"adversarial.{key}={value}" for key, value in changes.items()])
    assert message in found
