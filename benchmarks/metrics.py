"""Speed and memory of the metrics of text on 10,000 sentences, in CPU seconds of one process.

python benchmarks/metrics.py [--set emnlp_news]

NLTK's time is that of a few sentences, each against all the others, taken times their number.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Callable

import numpy as np

from seqgan_toolkit.data.named import locate
from seqgan_toolkit.metrics.text.bleu import References, self_bleu_scores
from seqgan_toolkit.metrics.text.ngrams import FlatSentences, longest_common_runs
from seqgan_toolkit.metrics.text.surface import distinct_ngrams

Sentences = list[tuple[int, ...]]


def read(name: str) -> tuple[Sentences, Sentences]:
    """Return the training and the test sentences of a named set as numbers of words."""
    folder, numbers = locate(name, None), dict[str, int]()
    training, test = (
        [
            tuple(numbers.setdefault(word, len(numbers)) for word in line.split())
            for line in (folder / f"{split}.txt").read_text(encoding="utf-8").splitlines()
        ]
        for split in ("train", "test")
    )
    return training, test


def seconds(work: Callable[[], object], rounds: int = 3) -> list[float]:
    spent = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return sorted(spent)


def nltk_self_bleu(sentences: Sentences, chosen: int) -> list[float]:
    """Return NLTK's Self-BLEU-2 to 5 of one sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

        others = sentences[:chosen] + sentences[chosen + 1 :]
        smooth = SmoothingFunction().method1
        weights = [tuple([1 / order] * order) for order in range(2, 6)]
        return [float(sentence_bleu(others, sentences[chosen], weight, smooth)) for weight in weights]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="emnlp_news", choices=("emnlp_news", "coco_captions"))
    parser.add_argument("--nltk", type=int, default=2, help="Sentences that NLTK scores.")
    arguments = parser.parse_args()
    training, test = read(arguments.set)
    words = sum(map(len, training)) / len(training)
    print(f"{arguments.set}: {len(training)} sentences of {words:.1f} words against {len(test)}")
    flat = FlatSentences.of(training), FlatSentences.of(test)
    works: dict[str, Callable[[], object]] = {
        "BLEU-2..5": lambda: References(test).scores(training),
        "Self-BLEU-2..5": lambda: self_bleu_scores(training),
        "distinct-1..4 with intervals": lambda: distinct_ngrams(training),
        "longest copied spans": lambda: longest_common_runs(*flat),
    }
    for name, work in works.items():
        least, middle, most = seconds(work)
        print(f"{name}: {middle:.2f} s ({least:.2f} to {most:.2f})")
    print(f"largest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    ours = self_bleu_scores(training)
    spent = seconds(lambda: nltk_self_bleu(training, 0), arguments.nltk)
    differences = np.abs(np.array(nltk_self_bleu(training, 0)) - ours[0, 1:])
    each = seconds(lambda: self_bleu_scores(training))[1] / len(training)
    print(
        f"NLTK: {spent[0]:.1f} s for one sentence, so {spent[0] * len(training) / 3600:.1f} hours for all; "
        f"{spent[0] / each:,.0f} times ours; largest difference {differences.max():.1e}"
    )


if __name__ == "__main__":
    main()
