"""A space of words alone: nothing is reserved, so that samples and likelihoods are of the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
import torch
from scipy import stats

from seqgan_toolkit.domains.text.oracle import OracleLSTM
from seqgan_toolkit.domains.text.oracle_corpus import prepare_oracle
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.objectives.estimators.gumbel_softmax import GumbelSoftmax
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace
from seqgan_toolkit.training.teacher_forcing import TokenTeacher

STEPS, WORDS = 3, 4


@pytest.fixture
def generator(token_generator: Callable[..., TokenGenerator]) -> TokenGenerator:
    return token_generator(space=TokenSpace.of_words(WORDS))


@pytest.fixture
def every() -> SequenceBatch:
    tokens = torch.tensor(list(product(range(WORDS), repeat=STEPS)))
    return SequenceBatch(tokens, torch.full((len(tokens),), STEPS))


def likelihood(generator: TokenGenerator, batch: SequenceBatch) -> torch.Tensor:
    logits = generator(batch, shift_right(batch, generator.space.start), Draws(0, "none"))
    return logits.log_softmax(-1).gather(2, batch.values[..., None]).sum((1, 2)).exp().detach()


def test_likelihoods_of_all_sequences_sum_to_one(generator: TokenGenerator, every: SequenceBatch) -> None:
    assert float(likelihood(generator, every).sum()) == pytest.approx(1, abs=1e-5)


def relaxed(generator: TokenGenerator) -> SequenceBatch:
    estimator = GumbelSoftmax(generator, STEPS, straight_through=True, start=1.0, end=1.0, shape="linear")
    batch = estimator.sample(None, 20_000, Draws(1, "sample"), 0.0, gradient=False)
    return SequenceBatch(batch.values.argmax(-1), batch.lengths)


def free(generator: TokenGenerator) -> SequenceBatch:
    return TokenSampler(generator, STEPS).sample(None, 20_000, Draws(1, "sample"))


@pytest.mark.parametrize("sample", [free, relaxed])
def test_samples_come_as_often_as_their_likelihood_says(
    generator: TokenGenerator, every: SequenceBatch, sample: Callable[[TokenGenerator], SequenceBatch]
) -> None:
    batch = sample(generator)
    assert batch.lengths.unique().tolist() == [STEPS]
    counts = Counter(map(tuple, batch.values.tolist()))
    expected = likelihood(generator, every).double().numpy()
    observed = [counts[tuple(row)] for row in every.values.tolist()]
    assert stats.chisquare(observed, 20_000 * expected / expected.sum()).pvalue > 1e-4


def test_the_held_out_likelihood_counts_every_word_and_nothing_else(generator: TokenGenerator, tmp_path: Path) -> None:
    oracle = OracleLSTM.seeded(1, num_words=WORDS, dim=3)
    store = prepare_oracle(oracle, tmp_path / "corpus", num_sentences=20, length=STEPS, seed=0).splits["test"]
    batch = store.head(20)
    nll = held_out_nll(generator, store, Draws(0, "none"))
    torch.testing.assert_close(nll, -likelihood(generator, batch).log().double(), rtol=1e-5, atol=1e-5)
    taught = TokenTeacher(generator, STEPS).loss(batch, Draws(0, "none"), 0.0)
    assert float(taught) == pytest.approx(float(nll.mean()) / STEPS, rel=1e-5)


@pytest.fixture(autouse=True)
def _no_gradient() -> Iterator[None]:
    with torch.no_grad():
        yield
