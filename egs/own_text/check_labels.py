"""Tell whether what a run generates for a label belongs to it.

    python egs/own_text/check_labels.py runs/own_text

Two judges: the grammar that the sentences of `make_data.py` were drawn from, which knows exactly, and a linear
classifier of word n-grams that has learnt from the real training sentences and is measured on real test sentences too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from make_data import CLASSES, grammar_of
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import seqgan_toolkit as sg
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.stages.directory import RunDirectory


def real_sentences(corpus: Corpus, split: Split) -> tuple[list[str], list[str]]:
    """Return the sentences of a split, and their labels."""
    store = corpus.splits[split]
    batch = store.head(len(store))
    assert batch.labels is not None
    sentences = TextDomain.from_state(corpus.domain_state).decode(batch)
    return sentences, [corpus.label_names[label] for label in batch.labels.tolist()]


def words_of(sentence: str) -> list[str]:
    """Return the words and signs of a generated sentence, as the grammar has them."""
    return sentence.lower().replace(",", " ,").replace(".", " .").split()


def make_classifier(corpus: Corpus) -> Any:
    """Train the classifier: runs of up to three words, the beginning of the sentence among them."""
    counter = CountVectorizer(analyzer=ngrams, binary=True)
    return make_pipeline(counter, LogisticRegression(max_iter=1000)).fit(*real_sentences(corpus, "train"))


def ngrams(sentence: str) -> list[str]:
    """Return the runs of one to three words."""
    words = ["<s>", *words_of(sentence)]
    return [" ".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each class and model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--num", type=int, default=1000, help="sentences of each class")
    chosen = parser.parse_args(arguments)
    directory, run = RunDirectory(sg.load(chosen.run).directory), sg.load(chosen.run)
    corpus = Corpus(directory.corpus)
    classifier = make_classifier(corpus)
    print(f"classifier on real test sentences: {classifier.score(*real_sentences(corpus, 'test')):.3f}")
    print("| model | how | class | in the class, by the grammar | by the classifier | different sentences |")
    print("|---|---|---|---|---|---|")
    strategies: dict[str, dict[str, Any]] = {"plain": {}, "top-p 0.9": {"top_p": 0.9}, "reject 0.25": {"reject": 0.25}}
    for model in ("teacher_forced", "adversarial"):
        for how, settings in strategies.items():
            for name in CLASSES:
                sentences = run.generate(chosen.num, label=name, model=model, **settings)
                exact = sum(map(grammar_of(name).is_grammatical, map(words_of, sentences))) / len(sentences)
                judged = classifier.score(sentences, [name] * len(sentences))
                distinct = len(set(sentences)) / len(sentences)
                print(f"| {model} | {how} | {name} | {exact:.3f} | {judged:.3f} | {distinct:.3f} |", flush=True)


if __name__ == "__main__":
    main()
