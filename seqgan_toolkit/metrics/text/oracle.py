"""Metrics of sequences whose true distribution is an oracle: both directions of the likelihood, and what games them."""

from __future__ import annotations

from typing import Protocol

import torch

from seqgan_toolkit.metrics.base import Measurement, mean_with_interval
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import distinct
from seqgan_toolkit.sequences import SequenceBatch

PERCENTILES = (5, 50, 95)
ORACLE_NOTE = (
    "nats per token under the oracle; it falls below the oracle's own when likely words repeat, and a mixture of "
    "temperatures games it: read it beside nll_test"
)


class KnownLikelihood(Protocol):
    """A distribution over sequences of one length that is known exactly."""

    def log_probability(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return float64 [N], the log-probability in nats of each sequence of tokens int64 [N, T]."""
        ...


class OraclePanel:
    """Measures a sample of sequences of one length against the oracle that the training data came from."""

    def __init__(self, oracle: KnownLikelihood, held_out: SequenceBatch) -> None:
        """Take the truth.

        Args:
            oracle: the distribution of the real sequences.
            held_out: the held-out sequences to which `held_out_nll` refers, tokens int64 [M, T].
        """
        self._oracle = oracle
        self._length = held_out.num_steps
        self._own = self._per_token(held_out)

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure a sample, tokens int64 [N, T].

        Returns:
            `nll_oracle` and its percentiles over sequences, `word_types` and `distinct`; with held-out likelihoods
            also `nll_test`. Likelihoods are in nats per token.
        """
        nll = self._per_token(sample.batch)
        measured = {"nll_oracle": mean_with_interval(nll, version=1, higher_is_better=None, note=ORACLE_NOTE)}
        for percentile in PERCENTILES:
            value = float(nll.quantile(percentile / 100))
            measured[f"nll_oracle_p{percentile}"] = Measurement(value, None, 1, None, "percentile over sequences")
        measured["word_types"] = word_types(sample.batch)
        measured["distinct"] = distinct([tuple(row) for row in sample.batch.values.tolist()])
        if sample.held_out_nll is not None:
            measured["nll_test"] = self._likelihood(sample.held_out_nll / self._length)
        return measured

    def _per_token(self, batch: SequenceBatch) -> torch.Tensor:
        return -self._oracle.log_probability(batch.values) / batch.num_steps

    def _likelihood(self, nll: torch.Tensor) -> Measurement:
        note = f"nats per token of the held-out sequences, of which the oracle itself has {float(self._own.mean()):.3f}"
        return mean_with_interval(nll, version=1, higher_is_better=False, note=note)


def word_types(batch: SequenceBatch) -> Measurement:
    """Return how many different words come in a sample without padding, tokens int64 [N, T]."""
    note = f"different words among {batch.values.numel()} tokens; compare only with samples of that size"
    return Measurement(float(torch.unique(batch.values).numel()), None, 1, None, note)
