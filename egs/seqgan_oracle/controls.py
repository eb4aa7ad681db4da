"""Print the controls that every adversarial claim on the oracle stands beside, for one model of a run.

python egs/seqgan_oracle/controls.py runs/oracle-mle-1 --model teacher_forced

They are the curve over temperature, and a mixture in which each sequence is drawn at one of two temperatures: without
any training it lies far below the curve in NLL_oracle, so that a point below the curve proves nothing by itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.text.oracle_corpus import oracle_of
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.mixture import mixture_nll
from seqgan_toolkit.metrics.text.oracle import OraclePanel
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sequences import SequenceBatch, concatenate
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.evaluate import held_out_likelihood
from seqgan_toolkit.stages.model import TrainedModel, load_model
from seqgan_toolkit.stages.references import EVALUATION_SEED

INVERSE_TEMPERATURES = (0.8, 1.0, 1.2, 1.35, 1.5, 2.0)
MIXTURE = (1.0, 3.0)
FIGURES = ("nll_oracle", "nll_oracle_p5", "nll_oracle_p50", "nll_oracle_p95", "nll_test", "word_types", "distinct")


def draw(model: TrainedModel, inverse_temperatures: Sequence[float], num: int) -> SequenceBatch:
    """Draw sequences, each at one of the inverse temperatures, all equally likely."""
    which = Draws(EVALUATION_SEED, "temperatures").labels(num, torch.ones(len(inverse_temperatures)))
    counts = torch.bincount(which, minlength=len(inverse_temperatures)).tolist()
    parts = [
        model.sample(count, seed=EVALUATION_SEED + index, strategy=Strategy(temperature=1 / inverse))
        for index, (count, inverse) in enumerate(zip(counts, inverse_temperatures, strict=True))
        if count
    ]
    return concatenate(parts, pad=0)


def rows(run: Path, name: str | None, num: int) -> Iterator[list[str]]:
    """Yield the table row by row: a temperature or a mixture each, the oracle itself last."""
    model, corpus = load_model(RunDirectory(run), name), Corpus(run / "corpus")
    oracle = oracle_of(corpus)
    if oracle is None:
        raise SystemExit(f"{run}: its data were not drawn from an oracle")
    test = corpus.splits["test"]
    held_out = test.head(len(test))
    panel = OraclePanel(oracle, held_out)

    @cache
    def nll(inverse: float) -> torch.Tensor:
        found, _ = held_out_likelihood(model, corpus, 1 / inverse)
        if found is None:
            raise SystemExit(f"{run}: this model has no likelihood")
        return found

    def measured(inverse_temperatures: Sequence[float]) -> list[str]:
        batch = draw(model, inverse_temperatures, num)
        shares = torch.full((len(inverse_temperatures),), 1 / len(inverse_temperatures))
        likelihood = mixture_nll(torch.stack([nll(inverse) for inverse in inverse_temperatures]), shares)
        return shown(panel, Sample(batch, [], likelihood))

    yield ["inverse temperature", *FIGURES]
    yield ["---"] * (1 + len(FIGURES))
    for inverse in INVERSE_TEMPERATURES:
        yield [f"{inverse:g}", *measured([inverse])]
    yield [f"{' or '.join(f'{each:g}' for each in MIXTURE)}, at random", *measured(MIXTURE)]
    own = -oracle.log_probability(held_out.values)
    yield ["the oracle", *shown(panel, Sample(corpus.splits["train"].head(num), [], own))]


def shown(panel: OraclePanel, sample: Sample) -> list[str]:
    """Return the figures of a sample as text."""
    values = {figure: measurement.value for figure, measurement in panel.measure(sample).items()}
    return [f"{values[figure]:.4g}" for figure in FIGURES]


def main() -> None:
    """Read the run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", help="as evaluate names it; the last one that is finished otherwise")
    parser.add_argument("--num", type=int, default=10_000, help="sequences to draw for each row")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for row in rows(options.run, options.model, options.num):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
