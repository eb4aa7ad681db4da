"""A residual model whose discriminator is a language model of the other direction.

python egs/grammar/backward.py write runs/small-1 --out runs/reversed
seqgan-toolkit train egs/grammar/conf/mle_small.yaml seed=1 data.source=runs/reversed data.num_sentences=20000 \
    --out runs/backward-1
python egs/grammar/backward.py tilt runs/small-1 runs/backward-1 --against runs/ensemble-1 --split test

`write` writes the sentences of a run word by word from their end, and maximum likelihood on them gives b, which reads
backward. The best logit of real sentences against samples of g is log p(x) / g(x); here it is
a (log b(x) - log g(x)) + c, so that the discriminator begins with what b knows of the language. It then learns a, c and
all of b by the logistic loss on real sentences and fresh samples of g, which rests. The model is
P(x) = g(x) exp(beta (log b(x) - log g(x))) / Z, a residual energy model with an exact proposal (docs/training.md); beta
and the step are chosen on the validation split.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from compare import Z95, likelihood, shown
from torch import nn
from torch.nn.functional import softplus

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.grammar import english
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import GrammarPanel, sentences_of
from seqgan_toolkit.metrics.text.partition import log_partition
from seqgan_toolkit.metrics.text.residual import residual_nll
from seqgan_toolkit.models.likelihood import nats_of
from seqgan_toolkit.models.parts import Dropout, reverse_within, use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.objectives.calibration import Calibration, calibrate
from seqgan_toolkit.sequences import END, PAD, SequenceBatch, concatenate
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_model
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent

CHUNK = 500


def tokens_of(model: TrainedModel) -> tuple[str, ...]:
    """Return the word of every token id."""
    assert isinstance(model.domain, TextDomain)
    return tuple(model.domain.tokens)


def write_reversed(run: Path, out: Path) -> None:
    """Write each split of a run's corpus, one sentence a line, the last word first."""
    out.mkdir(parents=True, exist_ok=True)
    words, corpus = tokens_of(load_model(RunDirectory(run), None)), Corpus(run / "corpus")
    for split, store in corpus.splits.items():
        lines = [" ".join(reversed(sentence)) for sentence in sentences_of(store.head(len(store)), words)]
        (out / f"{split}.txt").write_text("\n".join(lines) + "\n")


class LogRatio(nn.Module):
    """a (log b(x) - log g(x)) + c for sentences of g's vocabulary.

    Args:
        backward: b, trained on sentences from their end.
        ids: int64 [V], b's id of every token of g.
        start: where a and c start.
    """

    def __init__(self, backward: TokenGenerator, ids: torch.Tensor, start: Calibration) -> None:
        super().__init__()
        self.backward, self.ids = backward, ids
        self.slope = nn.Parameter(torch.tensor(start.beta))
        self.offset = nn.Parameter(torch.tensor(0.0))
        self.unused = Draws(0, "noise of backward")

    def log_backward(self, batch: SequenceBatch) -> torch.Tensor:
        """Return log b(x), float64 [B]; the end token stays the last one."""
        words = batch.lengths - (batch.values.gather(1, batch.lengths[:, None] - 1)[:, 0] == END).long()
        turned = reverse_within(self.ids[batch.values][..., None], words)[..., 0]
        read = SequenceBatch(turned, batch.lengths)
        logits = self.backward(read, shift_right(read, self.backward.space.start), self.unused)
        never = torch.tensor(self.backward.space.never_drawn)
        return -nats_of(logits.index_fill(-1, never, float("-inf")), read)

    def forward(self, batch: SequenceBatch, log_forward: torch.Tensor) -> torch.Tensor:
        """Return the logit [B], given log g(x) [B]."""
        return self.slope * (self.log_backward(batch) - log_forward) + self.offset


@torch.no_grad()
def log_generator(model: TrainedModel, batch: SequenceBatch) -> torch.Tensor:
    """Return log g(x), float64 [B]."""
    generator: Any = model.generator
    logits = generator(batch, shift_right(batch, generator.space.start), Draws(0, "noise of forward"))
    return -nats_of(logits.index_fill(-1, torch.tensor(generator.space.never_drawn), float("-inf")), batch)


@dataclass(frozen=True)
class Read:
    """Sentences, log g of them, and what turns them into tilts before beta: log b - log g."""

    batch: SequenceBatch
    log_forward: torch.Tensor

    @staticmethod
    def by(model: TrainedModel, batch: SequenceBatch) -> Read:
        """Read sentences with g."""
        return Read(batch, torch.cat([log_generator(model, part) for part in chunks(batch)]))

    @torch.no_grad()
    def ratios(self, ratio: LogRatio) -> torch.Tensor:
        """Return log b - log g, float64 [N]."""
        return torch.cat([ratio.log_backward(part) for part in chunks(self.batch)]) - self.log_forward


def chunks(batch: SequenceBatch) -> Iterator[SequenceBatch]:
    """Yield a batch in parts of bounded size, each as wide as it must be."""
    for first in range(0, len(batch), CHUNK):
        part = batch.rows(slice(first, first + CHUNK))
        yield SequenceBatch(part.values[:, : int(part.lengths.max())], part.lengths)


class Game:
    """Real sentences against samples of g, for b, a and c; or, as a control, maximum likelihood for b.

    Args:
        model: g with its sampler.
        ratio: what learns.
        store: the training sentences.
        options: of the command line.
    """

    def __init__(self, model: TrainedModel, ratio: LogRatio, store: SequenceStore, options: argparse.Namespace) -> None:
        self.model, self.ratio, self.control = model, ratio, options.control
        self.steps, self.batch_size = options.steps, options.batch_size
        for module in ratio.modules():
            if isinstance(module, Dropout):
                module.share = min(module.share, options.dropout)
        use_draws(ratio, Draws(options.seed, "dropout"))
        self.descent = Descent(
            ratio,
            lr=options.lr,
            betas=(0.9, 0.99),
            weight_decay=options.weight_decay,
            clip=1.0,
            decay_from=0.3,
            final_lr=0.05,
            ranks=Ranks(),
        )
        self.loader = Loader(store, options.batch_size, Draws(options.seed, "order"))
        self.draws = Draws(options.seed, "samples")

    def step(self, index: int) -> float:
        """Take one step; return the loss."""
        self.ratio.train()
        real = self.loader.next()
        if self.control:
            loss = -self.ratio.log_backward(real).sum() / real.lengths.sum()
        else:
            fake = self.model.sampler.sample(None, self.batch_size, self.draws.fork())
            both = concatenate([real, fake], pad=PAD)
            on_real, on_fake = self.ratio(both, log_generator(self.model, both)).split(self.batch_size)
            loss = (softplus(-on_real).mean() + softplus(on_fake).mean()) / 2
        value, _ = self.descent.step(loss.float(), "discriminator", index / self.steps)
        self.ratio.eval()
        return value


def tilt(options: argparse.Namespace) -> Iterator[list[str]]:
    """Train the ratio and yield the table row by row."""
    forward, backward = (load_model(RunDirectory(run), None) for run in (options.forward, options.backward))
    corpus = Corpus(options.forward / "corpus")
    places = {word: index for index, word in enumerate(tokens_of(backward))}
    ids = torch.tensor([places.get(word, places["<unk>"]) for word in tokens_of(forward)])
    assert isinstance(backward.generator, TokenGenerator)
    ratio = LogRatio(backward.generator.requires_grad_(True), ids, Calibration(0.5, 0.0)).eval()
    valid = Read.by(forward, corpus.splits["valid"].head(len(corpus.splits["valid"])))
    drawn = Read.by(forward, forward.sample(options.calibration_samples, seed=options.seed))

    def look(done: int, loss: float) -> Calibration:
        real, fake = valid.ratios(ratio), drawn.ratios(ratio)
        found = calibrate(real, fake)
        gap = float(real.mean() - fake.mean())
        print(
            f"step {done}: loss {loss:.4f}, slope {ratio.slope.item():.3f}, gap {gap:.3f}, beta {found.beta:.3f}, "
            f"gain on validation {found.gain:.4f}",
            flush=True,
        )
        return found

    product = best = look(0, float("nan"))
    start = copy.deepcopy(ratio)
    # The first logit is log P / g of the product, so that its mean weight over the samples of g is 1.
    with torch.no_grad():
        ratio.slope.fill_(product.beta)
        ratio.offset.copy_(-log_mean(product.beta * drawn.ratios(ratio)))
    kept, loss = copy.deepcopy(ratio), float("nan")
    game = Game(forward, ratio, corpus.splits["train"], options)
    for index in range(options.steps):
        value = game.step(index)
        loss = value if index == 0 else loss + 0.05 * (value - loss)
        if (index + 1) % options.calibrate_every == 0:
            found = look(index + 1, loss)
            if found.gain > best.gain:
                best, kept = found, copy.deepcopy(ratio)
    yield from table(options, forward, corpus, [("product", start, product), ("fine-tuned", kept, best)])


def log_mean(values: torch.Tensor) -> torch.Tensor:
    """Return the log of the mean of exp(values)."""
    return torch.logsumexp(values, 0) - torch.tensor(float(len(values))).log()


def table(
    options: argparse.Namespace,
    forward: TrainedModel,
    corpus: Corpus,
    residuals: list[tuple[str, LogRatio, Calibration]],
) -> Iterator[list[str]]:
    """Yield a row for g, for every model that it is set against, and for the residual models."""
    store = corpus.splits[options.split]
    held_out = Read.by(forward, store.head(len(store)))
    panel = GrammarPanel(tokens_of(forward), english(), held_out.batch)
    rows = [
        (run.name, likelihood(model, store, 1.0), model.sample(options.num, seed=1), 0.0)
        for run in [options.forward, *options.against]
        for model in [load_model(RunDirectory(run), None)]
    ]
    pool = Read.by(forward, forward.sample(options.partition_samples, seed=options.seed + 1000))
    for name, ratio, found in residuals:
        tilts = found.beta * pool.ratios(ratio)
        partition = log_partition(tilts)
        nll = residual_nll(-held_out.log_forward, found.beta * held_out.ratios(ratio), partition)
        chosen = torch.multinomial(
            torch.softmax(tilts, 0), options.num, replacement=True, generator=torch.Generator().manual_seed(1)
        )
        print(
            f"{name}: beta {found.beta:.3f}, log Z {partition.lower:.5f} to {partition.upper:.5f} "
            f"(standard error {partition.standard_error:.5f}), effective share {partition.effective_share:.3f}"
        )
        rows.append((name, nll, pool.batch.rows(chosen), partition.standard_error))
    last = rows[-1]
    yield ["model", "kl_from_grammar", "jensen_shannon", "grammatical", "gain over g", f"gain of {last[0]} over it"]
    yield ["---"] * 6
    for name, nll, batch, error in rows:
        measured = panel.measure(Sample(batch, [], nll))
        figures = [shown(measured[figure]) for figure in ("kl_from_grammar", "jensen_shannon", "grammatical")]
        gains = [
            (rows[0][1] - nll, error),
            (nll - last[1], 0.0 if name == last[0] else (error**2 + last[3] ** 2) ** 0.5),
        ]
        yield [name, *figures, *(shown(widened(gain, also)) for gain, also in gains)]
    for sentence in sentences_of(last[2].rows(slice(0, options.show)), tokens_of(forward)):
        print(" ".join(sentence))


def widened(gain: torch.Tensor, error: float) -> Measurement:
    """Return the mean of paired gains [N], with the normaliser's standard error in its interval."""
    found = mean_with_interval(gain, version=1, higher_is_better=True)
    assert found.value is not None
    half = Z95 * (float(gain.var()) / len(gain) + error**2) ** 0.5
    return Measurement(found.value, (found.value - half, found.value + half), 1, True, "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    write = verbs.add_parser("write")
    write.add_argument("run", type=Path)
    write.add_argument("--out", type=Path, required=True)
    verb = verbs.add_parser("tilt")
    verb.add_argument("forward", type=Path, help="g, which rests: a run of one generator or of an ensemble")
    verb.add_argument("backward", type=Path, help="b, a run on reversed sentences")
    verb.add_argument("--against", type=Path, nargs="*", default=[], help="other runs for the table")
    verb.add_argument("--split", choices=["valid", "test"], default="valid", help="of the table")
    verb.add_argument("--seed", type=int, default=1)
    verb.add_argument("--steps", type=int, default=200)
    verb.add_argument("--batch-size", type=int, default=128)
    verb.add_argument("--lr", type=float, default=5e-4)
    verb.add_argument("--weight-decay", type=float, default=0.01)
    verb.add_argument("--dropout", type=float, default=0.2, help="the most that b keeps of its own")
    verb.add_argument("--calibrate-every", type=int, default=50)
    verb.add_argument("--control", action="store_true", help="as many steps of maximum likelihood in place of the game")
    verb.add_argument("--calibration-samples", type=int, default=5000)
    verb.add_argument("--num", type=int, default=10_000, help="sentences behind `grammatical`")
    verb.add_argument("--show", type=int, default=0, help="sentences of the last model to print")
    verb.add_argument("--partition-samples", type=int, default=30_000)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.verb == "write":
        write_reversed(options.run, options.out)
        return
    for row in tilt(options):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
