"""Training works: in seconds it passes lines that an untrained model, and a bigram model of text, cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from seqgan_toolkit import stages
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import parse_recipe

DIGITS = """\
name: learn_digits
device: cpu
threads: 1
data: {kind: rows, source: digits}
generator: {kind: frames, hidden_dim: 64, noise_dim: 16, context_dim: 32, head_dim: 64}
discriminator:
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 32}
    - {kind: patches, channels: [16, 32], dense_dim: 64}
  dense_dim: 64
  group_size: 4
adversarial:
  steps: 400
  batch_size: 32
  estimator: {kind: pathwise}
  penalty: {gamma: 1.0, every: 4, sigma: 0.1}
  generator_optimizer: {lr: 2e-3, betas: [0.0, 0.99]}
  discriminator_optimizer: {lr: 2e-3, betas: [0.0, 0.99], clip: 1000.0}
ema: 0.98
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
"""

GRAMMAR = """\
name: learn_grammar
device: cpu
threads: 1
data: {kind: text, source: grammar, num_sentences: 4000}
generator: {kind: tokens, embedding_dim: 32, hidden_dim: 96}
discriminator:
  embedding_dim: 32
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 32}
  dense_dim: 32
teacher_forcing: {steps: 500, batch_size: 64, optimizer: {lr: 1e-2, clip: 1.0}}
adversarial:
  steps: 40
  pretraining_steps: 20
  batch_size: 32
  estimator: {kind: gumbel_softmax}
  penalty: {gamma: 0.1, every: 4, sigma: 0.05}
  anchor_weight: 1.0
  generator_optimizer: {lr: 1e-4, betas: [0.5, 0.99], clip: 1.0}
  discriminator_optimizer: {lr: 3e-4, betas: [0.5, 0.99]}
ema: 0.98
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
"""

MELODIES = """\
name: learn_melodies
device: cpu
threads: 1
data: {kind: events, source: melodies, num_tunes: 1500}
generator: {kind: tokens, embedding_dim: 32, hidden_dim: 96}
teacher_forcing: {steps: 300, batch_size: 32, optimizer: {lr: 1e-2, clip: 1.0}}
ema: 0.98
logging: {log_every: 1000, preview_every: 1000, checkpoint_every: 1000}
"""

SEEDS = pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])


def label_accuracy(run: Path, num: int = 300) -> float:
    """The share of digits that a logistic regression on the real ones reads as what they should be."""
    real = load_digits()
    reader = LogisticRegression(max_iter=200).fit(real.data / 16, real.target)
    images = np.stack(stages.sample(run, Wanted(num=num))).reshape(num, -1)
    return float((reader.predict(images / 255) == np.arange(num) % 10).mean())


@SEEDS
def test_digits_show_their_label(tmp_path: Path, seed: int) -> None:
    stages.train(parse_recipe(DIGITS, "digits.yaml", [f"seed={seed}", "adversarial.steps=1"]), tmp_path / "untrained")
    assert label_accuracy(tmp_path / "untrained") < 0.3
    stages.train(parse_recipe(DIGITS, "digits.yaml", [f"seed={seed}"]), tmp_path / "trained")
    assert label_accuracy(tmp_path / "trained") > 0.7


@SEEDS
def test_sentences_are_grammatical(tmp_path: Path, seed: int) -> None:
    stages.train(parse_recipe(GRAMMAR, "grammar.yaml", [f"seed={seed}"]), tmp_path / "run")
    models = stages.evaluate(tmp_path / "run", num=400)["models"]
    for figures in models.values():
        # A bigram model of 10,000 sentences of this grammar has at most 0.25.
        assert figures["grammatical"]["value"] > 0.4
        assert figures["distinct"]["value"] > 0.95
    gain = models["adversarial"]["grammatical"]["value"] - models["teacher_forced"]["grammatical"]["value"]
    assert gain > -0.05, "the adversarial phase must not spoil what teacher forcing has reached"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_tunes_keep_time_before_they_are_in_tune(tmp_path: Path, seed: int) -> None:
    stages.train(parse_recipe(MELODIES, "melodies.yaml", [f"seed={seed}"]), tmp_path / "run")
    measured = stages.evaluate(tmp_path / "run", num=400)
    figures = {name: figure["value"] for name, figure in measured["models"]["teacher_forced"].items()}
    # The frequency of tokens alone is 150 nats a tune from the truth; no sample of noise is in metre.
    assert figures["kl_from_melodies"] < 45
    assert figures["in_metre"] > 0.08
    assert figures["duration_distance"] < 0.25 * measured["references"]["duration_distance"]["noise"]
    assert figures["distinct"] > 0.99
