"""BLEU equals NLTK's, and Self-BLEU leaves the sentence itself out."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.bleu import References, bleu, self_bleu

with warnings.catch_warnings():
    # NLTK touches interfaces that its own dependencies have deprecated; it is only the yardstick here.
    warnings.simplefilter("ignore")
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

SENTENCE = st.lists(st.integers(0, 4), min_size=1, max_size=12)
CORPUS = st.lists(SENTENCE, min_size=1, max_size=6)


def nltk_bleu(hypothesis, references):
    weights = [tuple([1 / order] * order) for order in range(2, 6)]
    smoothing = SmoothingFunction().method1
    return [sentence_bleu(references, hypothesis, weight, smoothing) for weight in [(1.0,), *weights]]


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


@given(CORPUS, CORPUS)
def test_bleu_equals_nltk(hypotheses, references):
    expected = mean([nltk_bleu(hypothesis, references) for hypothesis in hypotheses])
    assert bleu(hypotheses, references) == pytest.approx(expected, abs=1e-9)


@given(st.lists(SENTENCE, min_size=2, max_size=7))
def test_self_bleu_equals_nltk_on_all_other_sentences(sentences):
    rows = [nltk_bleu(sentence, sentences[:i] + sentences[i + 1 :]) for i, sentence in enumerate(sentences)]
    assert self_bleu(sentences) == pytest.approx(mean(rows), abs=1e-9)


def test_self_bleu_does_not_count_the_sentence_itself():
    assert self_bleu([list("abcde"), list("fghij")]) == [0.0] * 5
    assert self_bleu([list("abcde"), list("abcde"), list("fghij")]) == pytest.approx([2 / 3] * 5)


def test_words_serve_as_well_as_ids():
    sentences = [["a", "man", "rides", "a", "horse", "."], ["a", "man", "rides", "a", "bike", "."]]
    ids = {word: index for index, word in enumerate(sorted({word for sentence in sentences for word in sentence}))}
    numbered = [[ids[word] for word in sentence] for sentence in sentences]
    assert bleu(sentences[:1], sentences[1:]) == bleu(numbered[:1], numbered[1:])


def test_an_empty_hypothesis_scores_zero():
    assert References([["a", "b"]]).scores([[], ["a", "b"]])[:, 0].tolist() == [0.0, 1.0]


def test_nothing_to_compare_with_is_an_error():
    with pytest.raises(ValueError, match="reference"):
        bleu([["a"]], [])
    with pytest.raises(ValueError, match="hypothesis"):
        bleu([], [["a"]])
    with pytest.raises(ValueError, match="two sentences"):
        self_bleu([["a"]])
