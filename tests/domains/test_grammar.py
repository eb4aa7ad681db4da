import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from seqgan_toolkit.data.source import SPLITS
from seqgan_toolkit.domains.text.grammar import Grammar, GrammarSource, english
from seqgan_toolkit.domains.text.grammar_rules import read_rules

SMALL = """
S -> 3 NP.{n} sleeps.{n}
NP.{n} -> 2 dog.{n}
NP.{n} -> 1 dog.{n} that NP.s likes
"""


def small(max_words: int) -> Grammar:
    return Grammar(read_rules(SMALL, {"n": ("s", "p")}), max_words=max_words)


def draw(count: int, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [english().sample(rng).split() for _ in range(count)]


@pytest.mark.parametrize("max_words", [2, 4, 6])
def test_the_probabilities_of_all_word_strings_sum_to_one(max_words: int) -> None:
    grammar = small(max_words)
    strings = (words for length in range(1, max_words + 1) for words in product(grammar.vocabulary, repeat=length))
    log_probabilities = [grammar.log_probability(words) for words in strings]
    probabilities = np.exp([value for value in log_probabilities if value > -math.inf])
    assert probabilities.sum() == pytest.approx(1.0)
    assert grammar.entropy() == pytest.approx(-(probabilities * np.log(probabilities)).sum())


def test_probabilities_are_those_of_the_rules() -> None:
    grammar = small(100)
    assert grammar.log_probability(["dog.p", "sleeps.p"]) == pytest.approx(math.log(1 / 3))
    assert grammar.log_probability(["dog.p", "that", "dog.s", "likes", "sleeps.p"]) == pytest.approx(math.log(1 / 9))


def test_an_ambiguous_sentence_counts_its_derivations_and_adds_their_probabilities() -> None:
    grammar = Grammar(read_rules("S -> 1 A B\nA -> 1 x\nA -> 1 x x\nB -> 1 x\nB -> 1 x x"))
    assert grammar.num_derivations(["x"] * 3) == 2
    assert grammar.log_probability(["x"] * 3) == pytest.approx(math.log(1 / 2))


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("S -> 1 S x\nS -> 1 x", "start with itself"),
        ("S -> 1 A\nA -> 1 S\nA -> 1 x", "S -> A -> S"),
        ("S -> 1", "empty"),
    ],
)
def test_rules_that_cannot_be_parsed_are_refused(rules: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Grammar(read_rules(rules))


def test_a_grammar_without_a_sentence_short_enough_is_refused() -> None:
    with pytest.raises(ValueError, match="as few as 1 words"):
        small(1)


def test_sampling_follows_the_probabilities() -> None:
    grammar = small(5)
    rng = np.random.default_rng(3)
    counts = Counter(grammar.sample(rng) for _ in range(20_000))
    assert len(counts) == 4
    for sentence, count in counts.items():
        expected = 20_000 * math.exp(grammar.log_probability(sentence.split()))
        assert abs(count - expected) < 4 * expected**0.5


def test_every_english_sentence_has_exactly_one_derivation() -> None:
    ambiguous = [" ".join(words) for words in draw(5000, seed=1) if english().num_derivations(words) != 1]
    assert ambiguous == []


def test_english_entropy_and_length_agree_with_samples() -> None:
    sentences = draw(5000, seed=2)
    nll = -np.array([english().log_probability(words) for words in sentences])
    lengths = np.array([len(words) for words in sentences])
    for values, exact in ((nll, english().entropy()), (lengths, english().mean_length())):
        assert abs(values.mean() - exact) < 4 * values.std() / len(values) ** 0.5


def test_english_is_about_as_large_and_as_long_as_intended() -> None:
    sentences = draw(20_000, seed=3)
    counts = Counter(word for words in sentences for word in words)
    assert 200 <= len(english().vocabulary) <= 300
    assert 10 <= english().mean_length() <= 14
    assert max(map(len, sentences)) <= 40
    assert set(counts) == set(english().vocabulary)
    assert min(counts.values()) >= 50


GOOD = [
    "the dog is happy .",
    "two dogs that the old man watches are running across the quiet field .",
    "the man who is holding two red kites near the towers washes himself .",
    "a woman and her dog are walking along the beach .",
    "there is an owl sleeping in an orchard .",
    "one of the girls near the houses is carrying her umbrella .",
    "in the park , the boy is sitting on a road while the women wearing hats are watching an elephant .",
]


@pytest.mark.parametrize("sentence", GOOD)
def test_grammatical_english_is_recognised(sentence: str) -> None:
    assert english().is_grammatical(sentence.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "the dog is happy",
        "The dog is happy .",
        "the dog is sparkling .",
        "a owl is happy .",
        "an small owl is happy .",
        "two dogs that the old man watches is running across the quiet field .",
        "two dogs that the old man watch are running across the quiet field .",
        "the man who is holding two red kites near the towers wash himself .",
        "the man who is holding two red kites near the towers washes herself .",
        "a woman and her dog is walking along the beach .",
        "there are an owl sleeping in an orchard .",
        "one of the girls near the houses is carrying their umbrella .",
        "one of the girls near the houses are carrying her umbrella .",
        "the dog who runs across the field is happy .",
        "the dog is happy . the dog is happy .",
    ],
)
def test_other_strings_are_refused(sentence: str) -> None:
    assert english().log_probability(sentence.split()) == -math.inf


def sample_ngrams(sentences: Sequence[Sequence[str]], order: int, count: int, seed: int) -> list[list[str]]:
    """Draw from the maximum-likelihood n-gram model of `sentences`."""
    followers: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for words in sentences:
        padded = ["<s>"] * (order - 1) + [*words, "</s>"]
        for end in range(order - 1, len(padded)):
            followers[tuple(padded[end - order + 1 : end])][padded[end]] += 1
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        words = ["<s>"] * (order - 1)
        while words[-1] != "</s>" and len(words) < 100:
            choices = followers[tuple(words[len(words) - order + 1 :])]
            target = rng.random() * choices.total()
            for word, frequency in choices.items():  # noqa: B007 (the word reached is the one drawn)
                target -= frequency
                if target < 0:
                    break
            words.append(word)
        drawn.append(words[order - 1 : -1])
    return drawn


@pytest.mark.parametrize(("order", "most"), [(2, 0.25), (4, 0.70)])
def test_ngram_models_do_not_master_the_grammar(order: int, most: float) -> None:
    sampled = sample_ngrams(draw(10_000, seed=4), order, count=1000, seed=5)
    assert np.mean([english().is_grammatical(words) for words in sampled]) <= most


def test_an_ngram_model_of_very_high_order_repeats_grammatical_sentences() -> None:
    """Shows that the n-gram sampler of the test above is at fault for none of the failures."""
    sampled = sample_ngrams(draw(500, seed=4), order=41, count=200, seed=5)
    assert all(english().is_grammatical(words) for words in sampled)


def test_the_source_repeats_itself_and_its_splits_are_independent() -> None:
    source = GrammarSource(num_sentences=300, seed=7)
    read = {split: [item.value for item in source.items(split)] for split in SPLITS}
    assert [len(read[split]) for split in SPLITS] == [300, 500, 2000]
    assert all(source.size(split) == len(read[split]) for split in SPLITS)
    assert read["train"] == [item.value for item in GrammarSource(num_sentences=300, seed=7).items("train")]
    assert read["train"] != [item.value for item in GrammarSource(num_sentences=300, seed=8).items("train")]
    assert read["train"][:100] != read["valid"][:100]
    assert all(english().is_grammatical(sentence.split()) for sentence in read["valid"])


def test_a_larger_source_begins_with_the_smaller_one() -> None:
    small_source, large_source = GrammarSource(200, seed=1), GrammarSource(400, seed=1)
    smaller = [item.value for item in small_source.items("train")]
    assert [item.value for item in large_source.items("train")][:200] == smaller


def test_held_out_splits_grow_with_large_training_sets() -> None:
    source = GrammarSource(num_sentences=50_000, seed=0)
    assert (source.size("valid"), source.size("test")) == (2500, 5000)
