"""Print models of the grammar side by side, on one split: the divergences, and each one's gain over the first, paired.

python egs/grammar/compare.py runs/mle-1 runs/ensemble-1 runs/residual-1 --split test
python egs/grammar/compare.py runs/mle-1 --temperatures 0.9 0.95 1 1.05

Of each run its last finished model is read. Settings are chosen on the validation split, which is the default.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.grammar import english
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import GrammarPanel
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.metrics.text.residual import residual_nll
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_model
from seqgan_toolkit.stages.references import EVALUATION_SEED

FIGURES = ("kl_from_grammar", "jensen_shannon", "grammatical")
Z95 = 1.959964


def rows(runs: list[Path], temperatures: list[float], split: Split, num: int) -> Iterator[list[str]]:
    """Yield the table row by row, each figure with its standard error."""
    yield ["model", "temperature", *FIGURES, "gain over the first"]
    yield ["---"] * (3 + len(FIGURES))
    first: torch.Tensor | None = None
    for run in runs:
        model, store = load_model(RunDirectory(run), None), Corpus(run / "corpus").splits[split]
        assert isinstance(model.domain, TextDomain)
        panel = GrammarPanel(model.domain.tokens, english(), store.head(len(store)))
        for temperature in temperatures:
            nll = likelihood(model, store, temperature)
            first = nll if first is None else first
            batch = model.sample(num, seed=EVALUATION_SEED, strategy=Strategy(temperature=temperature))
            measured = panel.measure(Sample(batch, [], nll))
            gain = mean_with_interval(first - nll, version=1, higher_is_better=True)
            name = f"{run.name}, {Path(model.checkpoint).stem}"
            yield [name, f"{temperature:g}", *(shown(measured[figure]) for figure in FIGURES), shown(gain)]


def likelihood(model: TrainedModel, store: SequenceStore, temperature: float) -> torch.Tensor:
    """Return float64 [N], nats for each sequence of a split; of a residual model by the upper bound of log Z."""
    assert isinstance(model.generator, TokenGenerator | EnsembleGenerator)
    nll = held_out_nll(model.generator, store, Draws(EVALUATION_SEED, "likelihood"), temperature=temperature)
    if model.tilt is None:
        return nll
    partition = model.tilt.partition(EVALUATION_SEED, Strategy(temperature=temperature))
    return residual_nll(nll, model.tilt.energy(store.head(len(store))), partition)


def shown(measurement: Measurement) -> str:
    """Return a figure with its standard error, that of the size of the sample."""
    assert measurement.interval is not None
    low, high = measurement.interval
    return f"{measurement.value:.4f} ± {(high - low) / 2 / Z95:.4f}"


def main() -> None:
    """Read the runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--split", choices=["valid", "test"], default="valid")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[1.0], help="of what every run draws")
    parser.add_argument("--num", type=int, default=10_000, help="sequences to draw for each row")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for row in rows(options.runs, options.temperatures, options.split, options.num):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
