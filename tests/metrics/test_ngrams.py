"""N-grams in arrays are those of plain loops, and so are the longest runs in common."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.text.ngrams import FlatSentences, longest_common_runs, ngrams

SENTENCES = st.lists(st.lists(st.integers(0, 3), max_size=9), min_size=1, max_size=6)


def plain_ngrams(sentence: list[int], order: int) -> list[tuple[int, ...]]:
    return [tuple(sentence[start : start + order]) for start in range(len(sentence) - order + 1)]


@given(SENTENCES)
def test_equal_ngrams_have_equal_numbers_and_their_sentence(sentences: list[list[int]]) -> None:
    for order, (ids, owners) in enumerate(ngrams(FlatSentences.of(sentences), 4), start=1):
        plain = [(owner, ngram) for owner, one in enumerate(sentences) for ngram in plain_ngrams(one, order)]
        assert owners.tolist() == [owner for owner, _ in plain]
        names = {number: ngram for number, (_, ngram) in zip(ids.tolist(), plain, strict=True)}
        assert sorted(names) == list(range(len(names)))
        assert [names[number] for number in ids.tolist()] == [ngram for _, ngram in plain]
        assert len(set(names.values())) == len(names), "different n-grams have different numbers"


@given(SENTENCES, SENTENCES)
def test_longest_run_in_common(sentences: list[list[int]], others: list[list[int]]) -> None:
    def longest(sentence: list[int]) -> int:
        for order in range(len(sentence), 0, -1):
            held = {ngram for other in others for ngram in plain_ngrams(other, order)}
            if not held.isdisjoint(plain_ngrams(sentence, order)):
                return order
        return 0

    found = longest_common_runs(FlatSentences.of(sentences), FlatSentences.of(others))
    assert found.tolist() == [longest(sentence) for sentence in sentences]


def test_a_run_does_not_cross_from_one_sentence_into_the_next() -> None:
    joined = FlatSentences.of([[1, 2, 3, 4]])
    assert longest_common_runs(joined, FlatSentences.of([[9, 1, 2], [3, 4]])).tolist() == [2]
    assert Counter(next(ngrams(joined, 1))[0].tolist()) == Counter(range(4))
