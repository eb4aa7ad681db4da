import math

import numpy as np
import pytest
import torch

from seqgan_toolkit.domains.text.grammar import Grammar, english
from seqgan_toolkit.domains.text.grammar_rules import read_rules
from seqgan_toolkit.metrics.base import mean_with_interval
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.grammar import GrammarPanel, distinct, sentences_of
from seqgan_toolkit.sequences import END, PAD, SequenceBatch

RESERVED = ["<pad>", "<s>", "</s>", "<unk>"]


def batch_of(sentences: list[str], words: list[str]) -> SequenceBatch:
    rows = [torch.tensor([words.index(word) for word in sentence.split()] + [END]) for sentence in sentences]
    lengths = torch.tensor([len(row) for row in rows])
    return SequenceBatch(torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD), lengths)


@pytest.fixture
def coin() -> Grammar:
    return Grammar(read_rules("S -> 1 heads .\nS -> 3 tails ."))


@pytest.fixture
def words(coin: Grammar) -> list[str]:
    return RESERVED + list(coin.vocabulary)


def sample_of(sentences: list[str], words: list[str], nll: torch.Tensor | None = None) -> Sample:
    return Sample(batch_of(sentences, words), sentences, nll)


def test_shares_and_cross_entropy_on_a_sample_counted_by_hand(coin: Grammar, words: list[str]) -> None:
    measured = GrammarPanel(words, coin).measure(sample_of(["heads .", "tails .", "tails .", ". heads"], words))
    assert measured["grammatical"].value == 0.75
    assert measured["distinct"].value == 0.75
    expected = (math.log(4) + 2 * math.log(4 / 3)) / 3
    assert measured["cross_entropy_to_grammar"].value == pytest.approx(expected)
    assert "25.0% left out" in measured["cross_entropy_to_grammar"].note
    assert "cross_entropy_of_grammar" not in measured


def test_held_out_likelihood_is_set_beside_the_entropy(coin: Grammar, words: list[str]) -> None:
    nll = torch.full((50,), coin.entropy() + 0.25, dtype=torch.float64)
    measured = GrammarPanel(words, coin).measure(sample_of(["heads ."], words, nll))
    assert measured["cross_entropy_of_grammar"].value == pytest.approx(coin.entropy() + 0.25)
    assert "kl_from_grammar" not in measured
    assert f"{coin.entropy():.3f}" in measured["cross_entropy_of_grammar"].note
    assert measured["cross_entropy_of_grammar"].higher_is_better is False


def test_the_divergence_is_measured_sentence_by_sentence(coin: Grammar, words: list[str]) -> None:
    held_out = ["heads .", "tails .", "tails ."]
    exact = torch.tensor([-coin.log_probability(sentence.split()) for sentence in held_out], dtype=torch.float64)
    panel = GrammarPanel(words, coin, batch_of(held_out, words))
    perfect = panel.measure(sample_of(["heads ."], words, exact))["kl_from_grammar"]
    worse = panel.measure(sample_of(["heads ."], words, exact + 0.25))["kl_from_grammar"]
    assert perfect.value == pytest.approx(0.0)
    assert worse.value == pytest.approx(0.25)
    assert worse.interval == pytest.approx((0.25, 0.25))


def test_a_sample_without_grammatical_sentences_has_no_cross_entropy(coin: Grammar, words: list[str]) -> None:
    measured = GrammarPanel(words, coin).measure(sample_of(["heads", "heads heads ."], words))
    assert measured["grammatical"].value == 0.0
    assert measured["cross_entropy_to_grammar"].value is None


def test_an_unfinished_sequence_keeps_its_last_word(words: list[str]) -> None:
    heads, stop = words.index("heads"), words.index(".")
    batch = SequenceBatch(torch.tensor([[heads, stop, END], [heads, heads, heads]]), torch.tensor([3, 3]))
    assert sentences_of(batch, words) == [("heads", "."), ("heads", "heads", "heads")]


def test_reserved_tokens_inside_a_sentence_are_ungrammatical(coin: Grammar, words: list[str]) -> None:
    measured = GrammarPanel(words, coin).measure(sample_of(["heads <unk> .", "<s> heads ."], words))
    assert measured["grammatical"].value == 0.0


def test_real_sentences_are_all_grammatical_and_cost_the_entropy() -> None:
    grammar = english()
    rng = np.random.default_rng(5)
    words = RESERVED + list(grammar.vocabulary)
    measured = GrammarPanel(words, grammar).measure(sample_of([grammar.sample(rng) for _ in range(2000)], words))
    assert measured["grammatical"].value == 1.0
    cost = measured["cross_entropy_to_grammar"]
    assert cost.value is not None
    assert cost.interval is not None
    half = cost.interval[1] - cost.value
    assert abs(cost.value - grammar.entropy()) < 2 * half


def test_the_interval_of_distinct_covers_its_spread_over_samples() -> None:
    rng = np.random.default_rng(0)
    draws = [distinct([(str(word),) for word in rng.zipf(1.5, 300)]) for _ in range(200)]
    values = np.array([draw.value for draw in draws])
    halves = np.array([draw.interval[1] - draw.value for draw in draws if draw.interval and draw.value])
    assert 1.96 * values.std() <= halves.mean() <= 3 * 1.96 * values.std()


def test_the_mean_of_one_value_has_no_interval() -> None:
    assert mean_with_interval(torch.tensor([2.0]), version=1, higher_is_better=None).interval is None
