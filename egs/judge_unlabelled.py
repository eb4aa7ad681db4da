"""Judge images that were made without a label by a classifier of labels, beside the same figures of real ones.

    seqgan-toolkit prepare egs/mnist/conf/lstm.yaml --out runs/mnist-labelled
    python egs/judge_unlabelled.py runs/mnist-unlabelled-1 runs/mnist-labelled

The second run has the same images with their labels, and lends its classifier; nothing of it need be trained.
`within_class_spread` is over the labels that the classifier sees, and so are the shares at the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.named import cache_directory
from seqgan_toolkit.metrics.frames.classifier import classifier_for
from seqgan_toolkit.metrics.frames.panel import ClassifierPanel
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model
from seqgan_toolkit.stages.references import EVALUATION_SEED, reference_batches


def rows(made: SequenceBatch, corpus: Corpus) -> Iterator[tuple[str, ...]]:
    """Yield the table: a figure a row, what was made and then the references as columns.

    Args:
        made: what the unlabelled model generates.
        corpus: real sequences with labels, of the same space.
    """
    classifier = classifier_for(corpus, cache=cache_directory() / "classifiers")
    panel = ClassifierPanel(corpus, classifier)
    batches = {"adversarial": made, **reference_batches(corpus, len(made))}
    unlabelled = {name: replace(batch, labels=None) for name, batch in batches.items()}
    figures = {name: panel.measure(Sample(batch, [])) for name, batch in unlabelled.items()}
    yield "metric", *batches
    yield "---", *("---" for _ in batches)
    for metric in figures["adversarial"]:
        values = [measured[metric].value for measured in figures.values()]
        if None not in values:
            yield metric, *(f"{value:.4g}" for value in values)
    seen = {
        name: classifier.predict(batch).bincount(minlength=len(corpus.label_names))
        for name, batch in unlabelled.items()
    }
    for index, label in enumerate(corpus.label_names):
        yield f"share of `{label}`", *(f"{int(counts[index]) / int(counts.sum()):.4f}" for counts in seen.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate, judge and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the run that was trained without labels")
    parser.add_argument("labelled", type=Path, help="a run that was prepared from the same data with labels")
    parser.add_argument("--num", type=int, default=10000, help="images to judge")
    chosen = parser.parse_args(arguments)
    model = load_model(RunDirectory(chosen.run), None)
    made = model.as_written(model.sample(chosen.num, seed=EVALUATION_SEED))
    for row in rows(made, Corpus(RunDirectory(chosen.labelled).corpus)):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
