"""Training on series works: ramps whose direction and height are given come out as they were asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import parse_recipe

STEPS = 10
LEARN_RAMPS = """\
name: learn_ramps
device: cpu
threads: 1
data: {kind: series, source: SOURCE, group: id, label: [trend, level], window: 10}
generator:
  {kind: frames, hidden_dim: 32, noise_dim: 8, step_noise_dim: 2, label_dim: 8, context_dim: 16, head_dim: 32}
discriminator:
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 24}
    - {kind: convolutional, widths: [3], channels: 16}
  dense_dim: 32
  group_size: 4
adversarial:
  steps: 200
  batch_size: 32
  estimator: {kind: pathwise}
  penalty: {gamma: 0.1, every: 4, sigma: 0.1}
  generator_optimizer: {lr: 2e-3, betas: [0.0, 0.99]}
  discriminator_optimizer: {lr: 2e-3, betas: [0.0, 0.99], clip: 1000.0}
ema: 0.98
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
"""


@pytest.fixture(scope="module")
def ramps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred series: up or down around a high or a low level, with a slope and noise of their own."""
    rng = np.random.default_rng(0)
    lines = ["id,trend,level,x"]
    for number in range(200):
        trend, level = ("up", "down")[number % 2], ("high", "low")[number // 2 % 2]
        slope = (1 if trend == "up" else -1) * rng.uniform(0.6, 1.4)
        values = (2 if level == "high" else -2) + slope * np.linspace(-1, 1, STEPS) + rng.normal(0, 0.1, STEPS)
        lines += [f"{number},{trend},{level},{value:.3f}" for value in values]
    path = tmp_path_factory.mktemp("ramps") / "ramps.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_asked(run: Path) -> tuple[float, float]:
    """Return the share of series with the trend and the level of their label, and the deviation of their slopes."""
    series = stages.sample(run, Wanted(num=200))
    slopes = np.array([np.polyfit(np.linspace(-1, 1, STEPS), one.values[:, 0], 1)[0] for one in series])
    means = np.array([one.values.mean() for one in series])
    rising = np.array(["trend=up" in one.label for one in series])
    high = np.array(["level=high" in one.label for one in series])
    return float((((slopes > 0) == rising) & ((means > 0) == high)).mean()), float(np.abs(slopes).std())


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_ramps_have_the_trend_and_the_level_of_their_label(ramps: Path, tmp_path: Path, seed: int) -> None:
    text = LEARN_RAMPS.replace("SOURCE", str(ramps))
    stages.train(parse_recipe(text, "ramps.yaml", [f"seed={seed}", "adversarial.steps=1"]), tmp_path / "untrained")
    assert as_asked(tmp_path / "untrained")[0] < 0.5
    stages.train(parse_recipe(text, "ramps.yaml", [f"seed={seed}"]), tmp_path / "trained")
    share, deviation = as_asked(tmp_path / "trained")
    assert share > 0.95
    assert deviation > 0.1, "real slopes have .23: series of a label differ"
