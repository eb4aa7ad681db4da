"""Sentences from their end, the likelihood of a model that reads them so, and what is made of two likelihoods."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.backward import BackwardGenerator, from_the_end
from seqgan_toolkit.models.likelihood import sequence_nats
from seqgan_toolkit.models.likelihood_ratio import LikelihoodRatio
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.backward import BackwardSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import END, NO_END, PAD, SequenceBatch

Make = Callable[..., TokenGenerator]
DRAWS = Draws(0, "none")
BATCH = SequenceBatch(torch.tensor([[3, 4, END, PAD], [4, END, PAD, PAD], [3, 3, 4, 4]]), torch.tensor([3, 2, 4]))


@pytest.fixture
def backward(token_generator: Make) -> BackwardGenerator:
    return BackwardGenerator(token_generator()).eval()


def test_words_stand_in_reverse_and_the_end_token_does_not() -> None:
    turned = from_the_end(BATCH, END)
    assert turned.values.tolist() == [[4, 3, END, PAD], [4, END, PAD, PAD], [4, 4, 3, 3]]
    assert turned.lengths is BATCH.lengths


@given(st.lists(st.lists(st.integers(3, 9), max_size=5), min_size=1, max_size=4), st.booleans())
def test_twice_is_not_at_all(sentences: list[list[int]], ends: bool) -> None:
    rows = [[*words, END] if ends else [*words, 5] for words in sentences]
    longest = max(map(len, rows))
    values = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    batch = SequenceBatch(values, torch.tensor([len(row) for row in rows]))
    end = END if ends else NO_END
    assert torch.equal(from_the_end(from_the_end(batch, end), end).values, values)


def test_its_likelihood_is_the_readers_of_the_sentence_in_reverse(backward: BackwardGenerator) -> None:
    turned = SequenceBatch(torch.tensor([[4, 3, END, PAD], [4, END, PAD, PAD], [4, 4, 3, 3]]), BATCH.lengths)
    expected = sequence_nats(backward.reader, turned, DRAWS)
    torch.testing.assert_close(sequence_nats(backward, BATCH, DRAWS), expected, rtol=0, atol=0)
    assert not torch.allclose(expected[0], sequence_nats(backward.reader, BATCH, DRAWS)[0])


def test_its_samples_are_the_readers_in_reverse(backward: BackwardGenerator) -> None:
    found = BackwardSampler(backward, 6).sample(None, 20, Draws(1, "samples"))
    drawn = TokenSampler(backward.reader, 6).sample(None, 20, Draws(1, "samples"))
    assert torch.equal(found.values, from_the_end(drawn, END).values)
    assert torch.equal(found.lengths, drawn.lengths)


def test_the_logit_is_that_of_both_likelihoods(backward: BackwardGenerator, token_generator: Make) -> None:
    forward = token_generator(scale=1.5)
    ratio = LikelihoodRatio(backward, partial(sequence_nats, forward, draws=DRAWS), DRAWS)
    first = SequenceBatch(torch.tensor([[3, 4, END]]), torch.tensor([3]))

    def log_probability(generator: TokenGenerator, words: list[int]) -> torch.Tensor:
        logits = generator(first, torch.tensor([[1, *words]]), DRAWS)[0]
        logits[:, [PAD, 1]] = float("-inf")
        return sum(logits[step].log_softmax(-1)[word] for step, word in enumerate([*words, END]))

    with torch.no_grad():
        ratio.slope.fill_(0.5)
        ratio.offset.fill_(-0.25)
        expected = 0.5 * (log_probability(backward.reader, [4, 3]) - log_probability(forward, [3, 4])) - 0.25
        scores = ratio(first).scores
        # As a critic scores it: padded, and by way of `embed`.
        padded = ratio.judge(ratio.embed(BATCH.values), BATCH.lengths, None).scores
    assert scores.shape == (1, 1)
    assert float(scores) == pytest.approx(float(expected), abs=1e-5)
    assert float(padded[0]) == pytest.approx(float(expected), abs=1e-5)


def test_the_other_direction_learns_and_the_generator_does_not(
    backward: BackwardGenerator, token_generator: Make
) -> None:
    forward = token_generator()
    ratio = LikelihoodRatio(backward, partial(sequence_nats, forward, draws=DRAWS), DRAWS)
    ratio(BATCH).scores.sum().backward()
    assert all(parameter.grad is not None for parameter in ratio.parameters())
    assert all(parameter.grad is None for parameter in forward.parameters())
    assert set(ratio.state_dict()) == {"slope", "offset", *(f"backward.{name}" for name in backward.state_dict())}
