"""Two processes train what one trains: the random draws of a batch are sliced, and gradients averaged."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import dump_recipe
from seqgan_toolkit.recipe.schema import Recipe

MakeRecipe = Callable[..., Recipe]
LEFT_OUT = {"phase", "seconds", "generated/spread", "residual/beta"}
"""What is no number, the clock, what the first process measures on its own rows, and the place of a maximum that is
flat where a discriminator has learnt little."""

POLICY_GRADIENTS = {
    "rollout": "reward: {kind: rollout, num_rollouts: 3}, baseline: {kind: value}",
    "maligan": "reward: {kind: maligan}, baseline: {kind: moving_average}, entropy_weight: 0.1",
    "rank": "reward: {kind: rank, num_references: 3, num_rollouts: 2}, baseline: {kind: self_critical}",
}
WINDOW = "{kind: random_window, steps: 3, weight: 0.5, encoder: {kind: patches, channels: [4], dense_dim: 6}}"
SEPARATE_HEADS = (
    f"discriminator.encoders=[{{kind: recurrent, hidden_dim: 8, dropout: 0.1}}, {WINDOW}]",
    "discriminator.heads=separate",
    "discriminator.packing=2",
    "adversarial.loss=non_saturating",
)

TRAIN = """\
import sys
from pathlib import Path
from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import load_recipe
for recipe, out in zip(sys.argv[1::2], sys.argv[2::2]):
    stages.train(load_recipe(recipe), Path(out))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def train_on_two(arguments: list[str]) -> None:
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": "2"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRAIN, *arguments],
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        outputs = [process.communicate(timeout=180)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)


def policy_gradient(tiny_text: MakeRecipe, estimator: str) -> Recipe:
    changes = ("teacher_forcing=null", "generator.step_noise_dim=0", "adversarial.loss=non_saturating")
    return tiny_text(*changes, f"adversarial.estimator={{kind: reinforce, {estimator}}}")


def logged(run: Path) -> list[dict[str, float]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in LEFT_OUT} for line in lines]


def test_two_processes_have_the_losses_of_one(
    tiny_text: MakeRecipe, tiny_rows: MakeRecipe, tiny_timegan: MakeRecipe, tmp_path: Path
) -> None:
    # A relativistic loss leaves the last bias of the discriminator without a gradient but for rounding, which Adam
    # scales up to whole steps: where there are phases enough for it to wander, the other loss is played.
    plain = "adversarial.loss=non_saturating"
    matching = ("adversarial.feature_matching=0.5", "adversarial.mmd_matching=2.0")
    recipes = {
        "teacher_forcing": tiny_text("teacher_forcing.steps=10", "adversarial=null"),
        "adversarial": tiny_text("teacher_forcing=null", "adversarial.steps=10", plain),
        "both": tiny_text("teacher_forcing.steps=4", "adversarial.steps=4", plain),
        "per_step": tiny_text("discriminator.scores=both", "teacher_forcing=null"),
        # The mean scores and features are those of both processes' batch together.
        "whole_batch": tiny_text("adversarial.loss=relativistic_average", *matching, "teacher_forcing=null"),
        "wgan_gp": tiny_rows("adversarial.loss=wasserstein", "adversarial.penalty={kind: wgan_gp, backend: exact}"),
        "steered": tiny_rows(
            "adversarial.instance_noise=0.1", "adversarial.augment={probability: 0.4}", "adversarial.skip_above=0.51"
        ),
        "rows": tiny_rows("adversarial.steps=10"),
        "separate_heads": tiny_rows(*SEPARATE_HEADS),
        "cooperative": tiny_text("adversarial=null", "cooperative={steps: 6, batch_size: 16}"),
        "professor_forcing": tiny_text(
            "adversarial=null",
            "generator.step_noise_dim=0",
            "teacher_forcing.steps=6",
            "teacher_forcing.professor_forcing={hidden_dim: 8}",
        ),
        "timegan": tiny_timegan(),
        "residual": tiny_text("adversarial=null", "residual={steps: 6, batch_size: 16, optimizer: {lr: 1e-2}}"),
        **{name: policy_gradient(tiny_text, estimator) for name, estimator in POLICY_GRADIENTS.items()},
    }
    arguments = []
    for name, recipe in recipes.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(dump_recipe(recipe), encoding="utf-8")
        arguments += [str(path), str(tmp_path / f"{name}-two")]
        stages.train(recipe, tmp_path / f"{name}-one")
    train_on_two(arguments)
    for name in recipes:
        one, two = logged(tmp_path / f"{name}-one"), logged(tmp_path / f"{name}-two")
        assert len(one) == len(two) >= 6
        for expected, found in zip(one, two, strict=True):
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-4), f"{name}: {expected}"
