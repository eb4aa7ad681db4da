"""Speed of recurrent GANs of frames: one adversarial round, its recurrent share, penalties, cells, and how cost grows.

python benchmarks/frames.py
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from timing import in_turns, ratio
from torch import nn

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.phases import make_state
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import Cell
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.sequences import FrameSpace
from seqgan_toolkit.training.adversarial import AdversarialTraining
from seqgan_toolkit.training.distribution import Ranks

STEPS, DIM, HIDDEN, ROWS = 28, 28, 256, 64
"""T steps of F values, H numbers of the state in generator and discriminator, B sequences in a batch."""
NO_PENALTY = "{gamma: 0.0}"
RECIPE = """\
name: benchmark
seed: 1
device: cpu
data: {{kind: rows, source: digits}}
generator: {{kind: frames, cell: {cell}, hidden_dim: {hidden}}}
discriminator:
  encoders: [{{kind: recurrent, cell: gru, hidden_dim: {hidden}}}]
  group_size: 4
adversarial:
  steps: 1000000
  batch_size: {rows}
  estimator: {{kind: pathwise}}
  penalty: {penalty}
"""


def noise_corpus(directory: Path, num_steps: int) -> Corpus:
    """Write a corpus of 1,000 labelled sequences of noise."""
    rng = np.random.default_rng(1)
    with CorpusWriter(directory, FrameSpace(DIM)) as writer:
        for number in range(1000):
            writer.add("train", rng.uniform(-1, 1, (num_steps, DIM)), number % 10)
        return writer.close(domain={}, label_names=[str(label) for label in range(10)])


def make_game(
    folder: Path,
    *,
    num_steps: int = STEPS,
    rows: int = ROWS,
    hidden: int = HIDDEN,
    cell: str = "lstm",
    penalty: str = NO_PENALTY,
) -> AdversarialTraining:
    """Build the adversarial phase as a run does."""
    recipe = parse_recipe(RECIPE.format(cell=cell, hidden=hidden, rows=rows, penalty=penalty), "benchmark")
    corpus = noise_corpus(folder / f"corpus-{num_steps}", num_steps)
    shop = Workshop(recipe, corpus, DataFacts.of(corpus), torch.device("cpu"), Ranks())
    phase = make_state(shop)[0].phases[-1]
    assert isinstance(phase, AdversarialTraining)
    phase.begin()
    return phase


def rounds_of(game: AdversarialTraining) -> Callable[[], object]:
    """Return the work of one round."""
    steps = iter(range(10**9))
    return lambda: game.step(next(steps))


def recurrent_part(game: AdversarialTraining) -> Callable[[], None]:
    """Return the recurrent calls of a round alone, forwards and backwards, on inputs of their sizes.

    A round has the generator's cell once, and the discriminator's encoder in its own step (real and generated) and in
    the generator's (generated alone, where its weights take no gradient).
    """
    generator = game.game.generator
    assert isinstance(generator, FrameGenerator)
    encoder = game.game.critic.discriminator.encoders[0]
    rows, num_steps = game.game.loader.batch_size, generator.max_steps
    weights = generator.cell.input_weights()[0]
    inputs = torch.randn(rows, num_steps, weights.shape[1], requires_grad=True)
    both = torch.randn(2 * rows, num_steps, DIM)
    fake = torch.randn(rows, num_steps, DIM, requires_grad=True)
    lengths = torch.full((2 * rows,), num_steps)

    def work() -> None:
        outputs, _ = generator.cell.scan(inputs, generator.cell.zero_state(rows))
        outputs.sum().backward()
        encoder.states(both, lengths)[0].sum().backward()
        encoder.requires_grad_(False)
        encoder.states(fake, lengths[:rows])[0].sum().backward()
        encoder.requires_grad_(True)

    return work


def stepwise(cell: Cell, inputs: torch.Tensor) -> Callable[[], torch.Tensor]:
    """Return a pass of a cell over inputs [B, T, I], one step after the other."""

    def work() -> torch.Tensor:
        state, outputs = cell.zero_state(len(inputs)), []
        for step in range(inputs.shape[1]):
            output, state = cell.step(inputs[:, step], state)
            outputs.append(output)
        return torch.stack(outputs, 1)

    return work


class CellLoop:
    """Free running as published code has it: `nn.LSTMCell`, a head and a concatenation at every step."""

    def __init__(self, generator: FrameGenerator) -> None:
        """Take the weights of a one-layer generator, so that both make the same frames."""
        weights = dict(generator.cell.named_parameters())
        hidden, inputs = weights["network.weight_hh_l0"].shape[1], weights["network.weight_ih_l0"].shape[1]
        self.cell = nn.LSTMCell(inputs, hidden)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(self.cell, name).data.copy_(weights[f"network.{name}_l0"])
        self.generator = generator

    def __call__(self, labels: torch.Tensor, rows: int, draws: Draws) -> torch.Tensor:
        """Make frames [B, T, F]."""
        made = self.generator
        noise = made.context.draw_noise(draws, rows, 1.0)
        step_noise = draws.normal(rows, made.max_steps, made.step_noise_dim)
        context, (hidden, memory) = made.context(noise, labels, made.cell)
        hidden, memory, frames = hidden[0], memory[0], []
        for step in range(made.max_steps):
            position = made.position(torch.full((rows,), step))
            gone = torch.full((rows, 1), step / made.max_steps)
            joined = torch.cat([context, step_noise[:, step], position, gone, 1 - gone], dim=-1)
            hidden, memory = self.cell(joined, (hidden, memory))
            frames.append(torch.tanh(made.head(hidden)))
        return torch.stack(frames, 1)


def compare_free_running(rows: int, hidden: int, rounds: int) -> str:
    """Compare the whole sequence in one call with the loop, without a gradient."""
    torch.manual_seed(1)
    sizes = {"noise_dim": 64, "step_noise_dim": 8, "label_dim": 32, "context_dim": 64, "position_dim": 16}
    generator = FrameGenerator(
        FrameSpace(DIM),
        num_labels=10,
        max_length=STEPS,
        cell=cell_maker("lstm", hidden_dim=hidden),
        head_dim=192,
        frames_per_step=1,
        postnet_dim=0,
        reach=1.0,
        **sizes,
    )
    generator.lengths.fit(torch.full((10,), STEPS), torch.arange(10))
    loop, labels = CellLoop(generator), torch.arange(rows) % 10
    with torch.inference_mode():
        torch.testing.assert_close(
            loop(labels, rows, Draws(1, "both")), generator(labels, rows, Draws(1, "both")).values, atol=1e-5, rtol=0
        )
        slow, fast = in_turns(
            lambda: loop(labels, rows, Draws(1, "loop")), lambda: generator(labels, rows, Draws(1, "fused")), rounds
        )
    return ratio(slow, fast)


def growth(make: Callable[[int], Callable[[], object]], sizes: tuple[int, ...], rounds: int) -> str:
    """Describe the seconds of work at several sizes, and of each over the one before."""
    best = []
    for size in sizes:
        work = make(size)
        work()
        best.append(min(_seconds(work) for _ in range(rounds)))
    cells = [f"{size}: {1000 * seconds:.1f} ms" for size, seconds in zip(sizes, best, strict=True)]
    factors = [f"{later / earlier:.2f}" for earlier, later in zip(best, best[1:], strict=False)]
    return f"{', '.join(cells)}; from one to the next x{', x'.join(factors)}"


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def repeated(work: Callable[[], object], times: int) -> Callable[[], None]:
    """Return work done several times."""

    def together() -> None:
        for _ in range(times):
            work()

    return together


def main() -> None:
    """Print a line for each piece of work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(temporary), options.rounds)


def measure(folder: Path, rounds: int) -> None:
    """Print every line."""
    game = make_game(folder)
    whole, recurrent = in_turns(rounds_of(game), recurrent_part(game), rounds)
    share = min(recurrent.cpu) / min(whole.cpu)
    print(
        f"one round, T {STEPS}, F {DIM}, H {HIDDEN}, B {ROWS}: {whole.rate(1)}; recurrent calls {share:.0%}", flush=True
    )
    penalised = {
        backend: rounds_of(make_game(folder, penalty=f"{{gamma: 1.0, every: 1, backend: {backend}}}"))
        for backend in ("exact", "finite_difference")
    }
    print(f"R1 + R2 in every round, exact over finite difference: {ratio(*in_turns(*penalised.values(), rounds))}")
    for cell in ("rnn", "lstm", "gru", "mingru"):
        made, inputs = cell_maker(cell, hidden_dim=HIDDEN)(DIM), torch.randn(ROWS, STEPS, DIM)
        torch.testing.assert_close(
            made.scan(inputs, made.zero_state(ROWS))[0], stepwise(made, inputs)(), atol=1e-5, rtol=0
        )
        slow, fast = in_turns(
            lambda made=made, inputs=inputs: stepwise(made, inputs)().sum().backward(),
            lambda made=made, inputs=inputs: made.scan(inputs, made.zero_state(ROWS))[0].sum().backward(),
            rounds,
        )
        print(f"{cell}, forwards and backwards, steps over scan: {ratio(slow, fast)}", flush=True)
    for rows, hidden in ((1, 64), (16, 64), (64, 64), (64, 192), (64, 256), (512, 256)):
        told = compare_free_running(rows, hidden, rounds)
        print(f"free running, B {rows}, H {hidden}, a loop of nn.LSTMCell over one call: {told}", flush=True)
    by_steps = growth(lambda size: rounds_of(make_game(folder, num_steps=size)), (28, 56, 112, 224), rounds)
    print(f"one round by T: {by_steps}", flush=True)
    by_rows = growth(lambda size: rounds_of(make_game(folder, rows=size)), (32, 64, 128, 256), rounds)
    print(f"one round by B: {by_rows}", flush=True)
    by_rounds = growth(lambda size: repeated(rounds_of(game), size), (5, 10, 20, 40), max(2, rounds // 4))
    print(f"rounds by their number: {by_rounds}", flush=True)


if __name__ == "__main__":
    main()
