"""Metrics of sentences whose true distribution is a grammar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import isfinite
from typing import Protocol

import torch

from seqgan_toolkit.metrics.base import Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.divergence import jensen_shannon
from seqgan_toolkit.sequences import END, SequenceBatch

Sentence = tuple[str, ...]


class KnownDistribution(Protocol):
    """A distribution over sentences that is known exactly."""

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the log-probability in nats, minus infinity for a sentence that cannot occur."""
        ...

    def entropy(self) -> float:
        """Return the entropy in nats a sentence."""
        ...


class GrammarPanel:
    """Measures a sample of token sequences against the grammar that the training data came from."""

    def __init__(self, words: Sequence[str], grammar: KnownDistribution, held_out: SequenceBatch | None = None) -> None:
        """Take what turns ids into sentences, and the truth.

        Args:
            words: the word of every token id; the reserved ids hold anything that is no word of the grammar.
            grammar: the distribution of the real sentences.
            held_out: the held-out sentences to which `held_out_nll` refers, tokens int64 [N, T]; then the divergence is
                measured sentence by sentence, against the grammar's own probability of each.
        """
        self._words = tuple(words)
        self._grammar = grammar
        self._entropy = grammar.entropy()
        sentences = [] if held_out is None else sentences_of(held_out, self._words)
        self._held_out = torch.tensor([grammar.log_probability(words) for words in sentences], dtype=torch.float64)

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure a sample of whole sentences, tokens int64 [N, T].

        Returns:
            `grammatical`, `distinct` and `cross_entropy_to_grammar`; with held-out likelihoods also
            `cross_entropy_of_grammar`, and `kl_from_grammar` and `jensen_shannon` where the panel has the test
            sentences. Entropies are in nats a sentence.
        """
        sentences = sentences_of(sample.batch, self._words)
        log_probabilities = [self._grammar.log_probability(sentence) for sentence in sentences]
        possible = [value for value in log_probabilities if isfinite(value)]
        measured = {
            "grammatical": share(len(possible), len(sentences), version=1),
            "distinct": distinct(sentences),
            "cross_entropy_to_grammar": self._cross_entropy_to_grammar(possible, len(sentences)),
        }
        if sample.held_out_nll is not None:
            measured |= self._likelihood(sample.held_out_nll)
            if len(self._held_out):
                known, impossible = self._held_out.isfinite(), len(sentences) - len(possible)
                truth, model = self._held_out[known], -sample.held_out_nll[known]
                measured["jensen_shannon"] = jensen_shannon(truth, model, impossible, len(sentences))
        return measured

    def _cross_entropy_to_grammar(self, log_probabilities: Sequence[float], total: int) -> Measurement:
        left_out = 1.0 - len(log_probabilities) / total
        note = (
            f"mean of -log p under the grammar over the grammatical sentences ({left_out:.1%} left out); "
            f"real sentences have {self._entropy:.3f}"
        )
        nll = -torch.tensor(log_probabilities, dtype=torch.float64)
        return mean_with_interval(nll, version=1, higher_is_better=None, note=note)

    def _likelihood(self, held_out_nll: torch.Tensor) -> dict[str, Measurement]:
        note = f"the entropy of the grammar, {self._entropy:.3f}, is the least that any model can reach"
        measured = {
            "cross_entropy_of_grammar": mean_with_interval(held_out_nll, version=2, higher_is_better=False, note=note)
        }
        if len(self._held_out):
            # The two likelihoods of one sentence vary together: their difference is far less noisy than either.
            # A sentence with a word that training never saw is read as an unknown word, which the grammar has not.
            known = self._held_out.isfinite()
            note = (
                "mean of log p under the grammar less log q under the model, over the held-out sentences "
                f"({float((~known).double().mean()):.1%} with unknown words left out); 0 is perfect"
            )
            measured["kl_from_grammar"] = mean_with_interval(
                (held_out_nll + self._held_out)[known], version=2, higher_is_better=False, note=note
            )
        return measured


def sentences_of(batch: SequenceBatch, words: Sequence[str]) -> list[Sentence]:
    """Turn token ids into words, without the end token.

    Args:
        batch: tokens int64 [N, T].
        words: the word of every token id.
    """
    rows = zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)
    return [_sentence(tokens[:length], words) for tokens, length in rows]


def _sentence(tokens: list[int], words: Sequence[str]) -> Sentence:
    return tuple(words[token] for token in (tokens[:-1] if tokens[-1] == END else tokens))


def distinct(sentences: Sequence[Hashable]) -> Measurement:
    """Return the number of different sentences over the number of sentences.

    Leaving one sentence out changes the number of different ones only if it occurs once, so the jackknife variance
    (Efron and Stein 1981, an upper estimate) is that of the share of sentences that occur once; the interval has the
    width of that share's Wilson interval. The figure falls as the sample grows: compare equal sizes only.
    """
    counts = Counter(sentences)
    once = share(sum(count == 1 for count in counts.values()), len(sentences), version=1)
    value = len(counts) / len(sentences)
    note = f"of {len(sentences)} sentences; compare only with samples of that size"
    if once.interval is None:
        return Measurement(value, None, 1, True, note)
    half = (once.interval[1] - once.interval[0]) / 2
    return Measurement(value, (max(0.0, value - half), min(1.0, value + half)), 1, True, note)
