"""Sentences to a corpus and back."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.source import SPLITS, RawItem
from seqgan_toolkit.domains.text.domain import TextDomain, TextSpec
from seqgan_toolkit.domains.text.files import TextFileSource
from seqgan_toolkit.domains.text.prepare import prepare_text
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import END, PAD, UNKNOWN, SequenceBatch, TokenSpace

COCO = Path(os.environ.get("SEQGAN_DATA", Path(__file__).parents[3] / "shared" / "data")) / "coco_captions"


class ListSource:
    """Sentences from lists."""

    name = "list"

    def __init__(self, train, valid=("a dog .",), test=("a cat .",)):
        self.splits = {"train": train, "valid": valid, "test": test}

    def items(self, split):
        for index, value in enumerate(self.splits[split]):
            text, label = value if isinstance(value, tuple) else (value, None)
            yield RawItem(text, label, f"{split}:{index}")

    def size(self, split):
        return len(self.splits[split])


def prepare(tmp_path, train, *, valid=("a dog .",), test=("a cat .",), **spec):
    corpus = prepare_text(ListSource(train, valid, test), tmp_path / "corpus", TextSpec(**spec), seed=0)
    return corpus, TextDomain.from_state(json.loads(json.dumps(corpus.domain_state)))


def decoded(corpus, domain, split="train"):
    return domain.decode(corpus.splits[split].head(100))


def test_corpus_holds_ids_and_the_end_token(tmp_path):
    corpus, domain = prepare(tmp_path, ["a dog .", "a dog runs ."])
    rows = corpus.splits["train"].head(2)
    assert corpus.space == TokenSpace(len(domain.tokens)) == domain.space
    assert rows.lengths.tolist() == [4, 5]
    assert rows.values.tolist() == [[*domain.encode("a dog ."), PAD], domain.encode("a dog runs .")]
    assert rows.values[1, -1] == END
    assert rows.labels is None


@pytest.mark.parametrize("tokenizer", ["word", "character", "unigram", "bpe"])
def test_every_tokenizer_gives_natural_sentences_back(tmp_path, tokenizer):
    train = ["a man , i think , rides .", "two dogs ' owners do n't run !"] * 20
    corpus, domain = prepare(tmp_path, train, tokenizer=tokenizer, vocabulary_size=300, max_length=60)
    assert decoded(corpus, domain)[:2] == ["A man, I think, rides.", "Two dogs' owners don't run!"]


@pytest.mark.parametrize("tokenizer", ["word", "character", "bpe"])
def test_raw_sentences_come_back_as_they_were(tmp_path, tokenizer):
    train = ["Hello, world!", 'She said: "It\'s 3.5 miles (or so)..."']
    corpus, domain = prepare(tmp_path, train * 9, tokenizer=tokenizer, vocabulary_size=320, max_length=60)
    assert decoded(corpus, domain)[:2] == train


def test_lower_case_text_without_full_stops_keeps_its_case(tmp_path):
    corpus, domain = prepare(tmp_path, ["acgt", "ttga"], tokenizer="character")
    assert decoded(corpus, domain) == ["acgt", "ttga"]


def test_lowercase_setting_lowers_words_and_decoding_restores_capitals(tmp_path):
    corpus, domain = prepare(tmp_path, ["A Dog and I run.", "The DOG ran."], lowercase=True)
    assert {"a", "dog", "i"} <= set(domain.tokens)
    assert not any(token != token.lower() for token in domain.tokens)
    assert decoded(corpus, domain) == ["A dog and I run.", "The dog ran."]


def test_counts_of_what_was_cut_blank_and_unknown(tmp_path):
    train = ["a b c d e", "a b", "", "a a b"]
    corpus, _ = prepare(tmp_path, train, test=["a z", ""], vocabulary_size=6, max_length=4)
    assert corpus.notes["train"] == {"sentences": 3, "tokens": 12, "cut": 1, "blank": 1, "unknown_share": 2 / 9}
    assert corpus.notes["test"] == {
        "sentences": 1,
        "tokens": 3,
        "cut": 0,
        "blank": 1,
        "unknown_share": 0.5,
        "shared": 0,
    }
    assert corpus.splits["train"].head(1).values.tolist()[0][2:] == [UNKNOWN, UNKNOWN, END]


def said(capsys, name="list"):
    return [line.removeprefix(f"{name}: ") for line in capsys.readouterr().err.splitlines() if line.startswith(name)]


def test_cut_and_shared_sentences_are_reported(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("seqgan_toolkit.domains.text.prepare.BLOCK_TOKENS", 3)
    train, test = ["a b", "a b c d", "b a", "c", "b a"], ["c", "b a", "b a", "d", ""]
    corpus, _ = prepare(tmp_path, train, valid=["c a"], test=test, max_length=3)
    assert [corpus.notes[split].get("shared") for split in SPLITS] == [None, 0, 3]
    assert said(capsys) == [
        "train: 1 of 5 sentences are longer than max_length 3 and were cut",
        "test: 3 of 4 sentences are in the training split too",
    ]


def test_sentences_are_compared_before_they_are_cut(tmp_path):
    corpus, _ = prepare(tmp_path, ["a b c d", "A"], valid=["a b c e"], test=["a"], max_length=3, lowercase=True)
    assert [corpus.notes[split]["shared"] for split in ("valid", "test")] == [0, 1]


@pytest.mark.parametrize(
    ("train", "line"),
    [
        (["a b ."] * 4, "all 4 training sentences are the same one, so that is all a model can learn"),
        (["a", "a a", "a a a"], "the vocabulary is one token, 'a': a model can learn nothing but lengths"),
    ],
)
def test_data_with_little_in_them_are_reported_and_prepared(tmp_path, capsys, train, line):
    corpus, domain = prepare(tmp_path, train, valid=[], test=[])
    assert said(capsys) == [line]
    assert [text.lower() for text in decoded(corpus, domain)] == [text.replace(" .", ".") for text in train]


def test_one_class_is_none(tmp_path, capsys):
    corpus, _ = prepare(tmp_path, [("a", "x"), ("b", "x")], valid=[], test=[("c", "x")])
    assert said(capsys) == ["every sentence has the label 'x': with one class the model is trained without labels"]
    assert corpus.label_names == ()
    assert all(corpus.splits[split].labels is None for split in SPLITS)
    with pytest.raises(UserError, match="test:0: label 'y', but the training split has 'x'"):
        prepare(tmp_path / "other", [("a", "x"), ("b", "x")], valid=[], test=[("c", "y")])


@pytest.mark.parametrize("tokenizer", ["word", "character", "unigram", "bpe"])
def test_a_line_of_100_000_tokens_is_cut(tmp_path, tokenizer):
    corpus, _ = prepare(tmp_path, ["a b c .", " ".join(["word"] * 100_000)], tokenizer=tokenizer, vocabulary_size=300)
    assert corpus.splits["train"].lengths.max() == 41
    assert corpus.notes["train"]["cut"] == 1


def test_labels_are_sorted_names(tmp_path):
    corpus, _ = prepare(tmp_path, [("a", "pos"), ("b", "neg"), ("c", "pos")], valid=[("a", "neg")], test=[("b", "pos")])
    assert corpus.label_names == ("neg", "pos")
    assert corpus.splits["train"].head(3).labels.tolist() == [1, 0, 1]
    assert corpus.splits["test"].head(1).labels.tolist() == [1]


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([("a", "x"), "b"], ["a"], "some sentences have a label and some have none"),
        ([("a", "x"), ("b", "y")], [("a", "z")], "test:0: label 'z', but the training split has 'x', 'y'"),
        ([("a", "x"), ("b", "y")], ["a"], "test:0: no label, but the training split has 'x', 'y'"),
        (["", " "], ["a"], "no training sentence"),
        (["a"], ["a"], "at least 2"),
    ],
)
def test_bad_data_end_in_one_message(tmp_path, train, test, message):
    with pytest.raises(UserError, match=message):
        prepare(tmp_path, train, valid=[], test=test)


def test_decoding_stops_at_the_end_token_and_at_the_length(tmp_path):
    _, domain = prepare(tmp_path, ["a dog .", "a dog runs ."])
    dog = domain.tokens.index("dog")
    batch = SequenceBatch(torch.tensor([[dog, END, dog, dog], [dog, dog, dog, dog]]), torch.tensor([4, 2]))
    assert domain.decode(batch) == ["Dog", "Dog dog"]


def test_write_gives_one_sentence_a_line(tmp_path):
    _, domain = prepare(tmp_path, ["a dog .", "a dog runs ."])
    paths = domain.write(["One.", "Two\nlines.", "é"], tmp_path / "out")
    assert [path.name for path in paths] == ["sentences.txt"]
    assert paths[0].read_text(encoding="utf-8").splitlines() == ["One.", "Two lines.", "é"]


def test_blocks_end_to_end_equal_single_sentences(tmp_path, monkeypatch):
    train = [" ".join("abcdefg"[: 1 + index % 7]) for index in range(50)]
    whole, _ = prepare(tmp_path / "whole", train)
    monkeypatch.setattr("seqgan_toolkit.domains.text.prepare.BLOCK_TOKENS", 10)
    parts, _ = prepare(tmp_path / "parts", train)
    for split in SPLITS:
        assert np.array_equal(whole.splits[split].values, parts.splits[split].values)
        assert np.array_equal(whole.splits[split].offsets, parts.splits[split].offsets)


@pytest.mark.skipif(not COCO.is_dir(), reason="the COCO captions are not here (SEQGAN_DATA)")
def test_real_captions(tmp_path):
    source = TextFileSource(COCO, valid_share=0.05, test_share=0.1)
    corpus = prepare_text(source, tmp_path / "corpus", TextSpec(), seed=0)
    domain = TextDomain.from_state(corpus.domain_state)
    assert [corpus.notes[split]["sentences"] for split in SPLITS] == [9517, 483, 10000]
    assert corpus.notes["train"]["unknown_share"] == 0
    assert domain.style.pretokenized
    assert domain.style.lowercase_data
    sentences = decoded(corpus, domain)
    assert sentences[0] == "A bicycle replica with a clock as the front wheel."
    ends = Counter(sentence[-1] for sentence in sentences)
    assert ends["."] >= 95
    assert not any(" ." in sentence or " ," in sentence for sentence in sentences)
