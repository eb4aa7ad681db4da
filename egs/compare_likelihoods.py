"""Print models of text side by side on one split: their likelihood, and each one's gain over the first and the last.

python egs/compare_likelihoods.py runs/mle-1 runs/ensemble-1 runs/backward-1:product runs/backward-1 --split test
python egs/compare_likelihoods.py runs/mle-1 --temperatures 0.9 0.95 1 1.05

Of each run its last finished model is read, or the one named after the colon. Gains are paired, in nats a sentence;
± is one standard error, from the size of the split and of the samples behind a normaliser. On the built-in grammar its
divergences stand beside them. Settings are chosen on the validation split, which is the default.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.grammar import english
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import GrammarPanel
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.metrics.text.residual import residual_nll
from seqgan_toolkit.models.likelihood import LanguageModel
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model
from seqgan_toolkit.stages.references import EVALUATION_SEED

FIGURES = ("kl_from_grammar", "jensen_shannon", "grammatical")
Z95 = 1.959964


@dataclass(frozen=True)
class Row:
    """A model at a temperature.

    Attributes:
        name: of run, model and temperature.
        nll: float64 [N], nats for each sequence of the split; of a residual model by the upper bound of log Z.
        error: the standard error of log Z.
        figures: of the grammar.
    """

    name: str
    nll: torch.Tensor
    error: float
    figures: list[str]


def measure(named: str, temperature: float, split: Split, num: int) -> Row:
    """Measure one model."""
    run, _, model_name = named.partition(":")
    directory = RunDirectory(Path(run))
    model, store = load_model(directory, model_name or None), Corpus(directory.corpus).splits[split]
    assert isinstance(model.generator, LanguageModel)
    assert isinstance(model.domain, TextDomain)
    nll, error = held_out_nll(model.generator, store, Draws(EVALUATION_SEED, "noise"), temperature=temperature), 0.0
    held_out, strategy = store.head(len(store)), Strategy(temperature=temperature)
    if model.tilt is not None:
        partition = model.tilt.partition(EVALUATION_SEED, strategy)
        nll, error = residual_nll(nll, model.tilt.energy(held_out), partition), partition.standard_error
    figures: list[str] = []
    if directory.recipe().data.source == "grammar":
        batch = model.sample(num, seed=EVALUATION_SEED, strategy=strategy)
        measured = GrammarPanel(model.domain.tokens, english(), held_out).measure(Sample(batch, [], nll))
        figures = [shown(measured[figure]) for figure in FIGURES]
    return Row(f"{Path(run).name}, {Path(model.checkpoint).stem}, {temperature:g}", nll, error, figures)


def shown(measurement: Measurement) -> str:
    """Return a figure with its standard error, that of the size of the sample."""
    assert measurement.interval is not None
    low, high = measurement.interval
    return f"{measurement.value:.4f} ± {(high - low) / 2 / Z95:.4f}"


def gain(row: Row, over: Row) -> str:
    """Return the gain of one row over another, with its standard error."""
    if row is over:
        return ""
    paired = over.nll - row.nll
    error = (float(paired.var()) / len(paired) + row.error**2 + over.error**2) ** 0.5
    return f"{float(paired.mean()):.4f} ± {error:.4f}"


def table(rows: list[Row]) -> Iterator[list[str]]:
    """Yield the table row by row."""
    figures = FIGURES[: len(rows[0].figures)]
    yield ["model, temperature", "nats a sentence", *figures, "gain over the first", "gain of the last over it"]
    yield ["---"] * (4 + len(figures))
    for row in rows:
        nats = f"{float(row.nll.mean()):.4f}"
        yield [row.name, nats, *row.figures, gain(row, rows[0]), gain(rows[-1], row)]


def main() -> None:
    """Read the runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="a run, or a run and one of its models: runs/a:product")
    parser.add_argument("--split", choices=["valid", "test"], default="valid")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[1.0], help="of what every run draws")
    parser.add_argument("--num", type=int, default=10_000, help="sequences to draw for each row, on the grammar")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [measure(run, level, options.split, options.num) for run in options.runs for level in options.temperatures]
    for row in table(rows):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
