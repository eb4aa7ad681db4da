"""Speed of text GANs, in turns with loops that do what the published code does (`straightforward.py`).

python benchmarks/text_gans.py
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import straightforward as plain
import torch
from timing import in_turns, ratio
from torch.utils.flop_counter import FlopCounterMode

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.phases import make_state
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.training.adversarial import AdversarialTraining
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.phase import Phase

VOCABULARY, ROWS, STEPS, COPIES = 5000, 64, 20, 16
"""V token types, B sequences in a batch, T tokens in each, roll-outs of each prefix."""

COMMON = """\
name: benchmark
seed: 1
device: cpu
data: {kind: text, source: oracle, num_sentences: 2000, max_length: 20}
teacher_forcing: {steps: 1000, batch_size: 64, optimizer: {lr: 1e-2, clip: 5.0}}
"""
SEQGAN = """\
generator: {kind: tokens, cell: lstm, embedding_dim: 32, hidden_dim: 32}
discriminator:
  embedding_dim: 64
  encoders:
    - kind: convolutional
      widths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20]
      channels: [100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160]
      leak: 0.0
      highway: true
      whole_windows: true
      dropout: 0.25
  dense_dim: 1
adversarial:
  steps: 1000
  batch_size: 64
  estimator: {kind: reinforce, reward: {kind: rollout, num_rollouts: 16}}
  loss: non_saturating
  penalty: {gamma: 0.0}
"""
RELGAN = """\
generator: {kind: tokens, cell: rmc, embedding_dim: 32, hidden_dim: 512, num_heads: 2}
discriminator:
  embedding_dim: 64
  encoders: [{kind: multi_representation, widths: [2, 3, 4, 5], channels: 300, highway: HIGHWAY, dropout: 0.25}]
  dense_dim: 100
adversarial:
  steps: 1000
  batch_size: 64
  estimator: {kind: gumbel_softmax, straight_through: false}
  loss: relativistic_pairing
  penalty: {gamma: 0.0}
"""


def make_phases(text: str, folder: Path) -> tuple[Phase, AdversarialTraining]:
    """Build the toolkit's real phases for a recipe."""
    recipe: Recipe = parse_recipe(COMMON + text, "benchmark.yaml")
    corpus = prepare(recipe, folder)
    shop = Workshop(recipe, corpus, DataFacts.of(corpus), torch.device("cpu"), Ranks())
    state, _ = make_state(shop)
    forcing, adversarial = state.phases
    assert isinstance(adversarial, AdversarialTraining)
    return forcing, adversarial


def matrix_peak(size: int = 2048, repeats: int = 5) -> float:
    """Return the most float32 operations a second that a product of large matrices reaches."""
    left, right = torch.randn(size, size), torch.randn(size, size)
    loop, _ = in_turns(lambda: left @ right, lambda: None, repeats)
    return 2 * size**3 / min(loop.wall)


def show(name: str, slow: Callable[[], object], fast: Callable[[], object], rounds: int, *, peak: float = 0.0) -> None:
    """Measure two pieces of work in turns, and print a line; with a `peak`, also the share of it that is reached."""
    slower, faster = in_turns(slow, fast, rounds)
    seconds = f"{min(slower.wall):.4g} against {min(faster.wall):.4g} s"
    share = ""
    if peak:
        with FlopCounterMode(display=False) as counter:
            fast()
        done = counter.get_total_flops()
        share = f"; {done / 1e9:.1f} GFLOP at {done / min(faster.wall) / peak:.0%} of the matrix peak"
    print(f"{name}: {ratio(slower, faster)}; fastest {seconds}{share}", flush=True)


def drain(parts: object) -> int:
    """Take all that an iterator gives, and return how many parts there were."""
    return sum(1 for _ in parts)  # type: ignore[attr-defined]


def seqgan(folder: Path, rounds: int, peak: float) -> None:
    forcing, adversarial = make_phases(SEQGAN, folder)
    game = adversarial.game
    model = plain.LanguageModel(VOCABULARY, 32, 32)
    discriminator = plain.SeqGANDiscriminator(VOCABULARY)
    model_adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    discriminator_adam = torch.optim.Adam(discriminator.parameters(), lr=1e-4)
    real = game.real()
    start = game.generator.space.start
    show(
        "one step of maximum likelihood",
        lambda: plain.likelihood_step(lambda inputs: model(inputs)[0], model_adam, real.values, start),
        lambda: forcing.step(0),
        10 * rounds,
    )
    fake = game.fake(real, 0.0, gradient=True)
    half = ROWS // 2
    show(
        "SeqGAN's discriminator, one step",
        lambda: plain.seqgan_discriminator_step(
            discriminator, discriminator_adam, real.values[:half], fake.values[:half]
        ),
        lambda: game.critic.learn(real.rows(slice(half)), fake.rows(slice(half)), 0.0),
        5 * rounds,
        peak=peak,
    )
    _, on_real = game.critic.learn(real, fake, 0.0)
    turn = game.turn(real, on_real, 0.0)
    drawn = game.estimator.policy.draw(None, ROWS, game.draws)
    reward = game.estimator.reward
    show(
        f"SeqGAN's rewards, {COPIES} roll-outs",
        lambda: plain.rollout_rewards(model.eval(), discriminator.eval(), real.values, COPIES, start),
        lambda: reward(drawn, turn),
        rounds,
        peak=peak,
    )
    show(
        "the roll-outs alone",
        lambda: naive_rollouts(model, real.values, start),
        lambda: drain(reward.rollouts.complete(drawn.batch, drawn.noise, game.draws)),
        rounds,
    )


def naive_rollouts(model: plain.LanguageModel, tokens: torch.Tensor, start: int) -> None:
    """Complete every prefix of tokens [B, T], one after the other."""
    for _ in range(COPIES):
        for step in range(1, tokens.shape[1]):
            plain.complete(model, tokens[:, :step], tokens.shape[1], start)


def relgan(folder: Path, rounds: int, peak: float, *, highway: bool) -> None:
    forcing, adversarial = make_phases(RELGAN.replace("HIGHWAY", str(highway).lower()), folder)
    game, descent = adversarial.game, adversarial.descent
    generator, discriminator = plain.MemoryGenerator(VOCABULARY), plain.RelGANDiscriminator(VOCABULARY, highway=highway)
    adams = [torch.optim.Adam(network.parameters(), lr=1e-4) for network in (generator, discriminator)]
    real = game.real()
    _, on_real = game.critic.learn(real, game.fake(real, 0.0, gradient=False), 0.0)

    def own_generator_step() -> None:
        fake = game.fake(real, 0.0, gradient=True)
        loss, _ = game.estimator.loss(fake, game.turn(real, on_real, 0.0))
        descent.step(loss, "generator", 0.0)

    def plain_step(optimizer: torch.optim.Optimizer, *, for_generator: bool) -> None:
        plain.relgan_step(generator, discriminator, optimizer, real.values, start=0, for_generator=for_generator)

    kind = "with its highway layer" if highway else "without highway layer"
    if not highway:
        show(
            "RelGAN's memory, one step of maximum likelihood",
            lambda: plain.likelihood_step(generator, adams[0], real.values, game.generator.space.start),
            lambda: forcing.step(0),
            2 * rounds,
            peak=peak,
        )
    show(
        f"RelGAN's generator, one step, {kind}",
        lambda: plain_step(adams[0], for_generator=True),
        own_generator_step,
        rounds,
        peak=peak,
    )
    show(
        f"RelGAN's discriminator, one step, {kind}",
        lambda: plain_step(adams[1], for_generator=False),
        lambda: game.critic.learn(real, fake_of(game, real), 0.0),
        rounds,
        peak=peak,
    )


def fake_of(game: object, real: SequenceBatch) -> SequenceBatch:
    """Draw soft tokens without a gradient."""
    return game.fake(real, 0.0, gradient=False)  # type: ignore[attr-defined]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["seqgan", "relgan", "relgan-highway"], help="one of the three parts")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    peak = matrix_peak()
    print(f"torch {torch.__version__}, {options.threads} thread(s), matrix peak {peak / 1e9:.0f} GFLOP/s in float32")
    parts = {
        "seqgan": seqgan,
        "relgan": partial(relgan, highway=False),
        "relgan-highway": partial(relgan, highway=True),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in parts.items():
            if options.only in (None, name):
                measure(Path(folder) / name, options.rounds, peak)


if __name__ == "__main__":
    main()
