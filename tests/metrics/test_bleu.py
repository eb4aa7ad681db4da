"""BLEU equals NLTK's, and Self-BLEU leaves the sentence itself out."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.text.bleu import VERSION, References, bleu, self_bleu

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


def sacre_bleu(hypothesis, references):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sacrebleu = pytest.importorskip("sacrebleu.metrics", reason="sacreBLEU is not installed (the extra 'test')")
    text, texts = (" ".join(map(str, hypothesis)), [" ".join(map(str, reference)) for reference in references])
    settings = {"tokenize": "none", "smooth_method": "floor", "smooth_value": 0.1, "force": True}
    metrics = [sacrebleu.BLEU(max_ngram_order=order, **settings) for order in range(1, 6)]
    return [metric.sentence_score(text, texts).score / 100 for metric in metrics]


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


@given(st.lists(st.integers(0, 4), min_size=5, max_size=12), CORPUS)
def test_bleu_equals_sacrebleu_where_the_definitions_agree(hypothesis, references):
    # Below 5 words sacreBLEU has no 5-gram to smooth and gives 0, where NLTK and we count one that is missing.
    assert bleu([hypothesis], references) == pytest.approx(sacre_bleu(hypothesis, references), abs=1e-9)


def test_the_definition_is_frozen():
    # By hand: 6 of 6 words, 3 of 5 pairs, 1 of 4 triples; no run of 4 (0.1 of 3) nor of 5 (0.1 of 2); 6 words
    # against the nearer of 7 and 9. A change of these figures is a new version of the metric.
    hypothesis, references = list("abcxde"), [list("abcdefg"), list("deqxrstuv")]
    precisions = [6 / 6, 3 / 5, 1 / 4, 0.1 / 3, 0.1 / 2]
    penalty = math.exp(1 - 7 / 6)
    expected = [penalty * math.prod(precisions[:order]) ** (1 / order) for order in range(1, 6)]
    assert bleu([hypothesis], references) == pytest.approx(expected, rel=1e-12)
    assert VERSION == 1


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
