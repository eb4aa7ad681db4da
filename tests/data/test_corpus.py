from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter, step_dtype
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.sequences import FrameSpace, TokenSpace


def tokens(*rows: list[int]) -> list[np.ndarray]:
    return [np.array(row) for row in rows]


def test_sequences_come_back_as_they_were(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "c", TokenSpace(70_000)) as writer:
        for label, row in enumerate(tokens([5, 69_999, 2], [2], [7, 2])):
            writer.add("train", row, label)
        writer.add("test", np.array([3, 2]), 1)
        writer.close(domain={"kind": "text"}, label_names=("a", "b", "c"), notes={"cut": 0})
    corpus = Corpus(tmp_path / "c")
    assert (corpus.space, corpus.label_names, corpus.max_length) == (TokenSpace(70_000), ("a", "b", "c"), 3)
    assert (corpus.domain_state, corpus.notes) == ({"kind": "text"}, {"cut": 0})
    assert [len(corpus.splits[split]) for split in ("train", "valid", "test")] == [3, 0, 1]
    batch = corpus.splits["train"].batch([2, 0, 0])
    assert batch.values.tolist() == [[7, 2, 0], [5, 69_999, 2], [5, 69_999, 2]]
    assert batch.values.dtype == torch.int64
    assert (batch.lengths.tolist(), batch.labels.tolist()) == ([2, 3, 3], [2, 0, 0])
    assert corpus.splits["train"].head(99).values.tolist() == [[5, 69_999, 2], [2, 0, 0], [7, 2, 0]]


def test_frames_are_padded_with_the_low_end(tmp_path: Path) -> None:
    frames = [np.full((2, 3), 0.5, np.float32), np.full((1, 3), 0.25, np.float32)]
    with CorpusWriter(tmp_path / "c", FrameSpace(3, low=-2.0)) as writer:
        for row in frames:
            writer.add("train", row)
        store = writer.close(domain={}).splits["train"]
    batch = store.batch([0, 1])
    assert batch.labels is None
    assert batch.values.dtype == torch.float32
    assert batch.values[1].tolist() == [[0.25] * 3, [-2.0] * 3]


def test_many_at_once_equal_one_by_one(tmp_path: Path) -> None:
    rows = tokens([4, 5, 2], [2], [6, 2], [9, 9, 9, 2])
    with CorpusWriter(tmp_path / "one", TokenSpace(10)) as writer:
        for row in rows:
            writer.add("train", row)
        one = writer.close(domain={})
    with CorpusWriter(tmp_path / "many", TokenSpace(10)) as writer:
        writer.add_many("train", np.concatenate(rows[:3]), [3, 1, 2])
        writer.add_many("train", rows[3], [4])
        many = writer.close(domain={})
    everything = range(4)
    assert torch.equal(one.splits["train"].batch(everything).values, many.splits["train"].batch(everything).values)
    counts = many.splits["train"].token_counts()
    assert counts.tolist() == [0, 0, 4, 0, 1, 1, 1, 0, 0, 3]


def test_the_smallest_type_that_holds_the_space() -> None:
    assert step_dtype(TokenSpace(2**16)) == np.uint16
    assert step_dtype(TokenSpace(2**16 + 1)) == np.uint32
    assert step_dtype(FrameSpace(2)) == np.float32


def test_an_unfinished_corpus_does_not_exist(tmp_path: Path) -> None:
    directory = tmp_path / "c"
    with CorpusWriter(directory, TokenSpace(10)) as writer:
        writer.add("train", np.array([2]))
    assert directory.is_dir()
    assert not Corpus.exists(directory)
    with CorpusWriter(directory, TokenSpace(10)) as writer:
        writer.add_many("train", np.array([2, 2]), [1, 1])
        writer.close(domain={})
    assert Corpus.exists(directory)
    assert len(Corpus(directory).splits["train"]) == 2


def test_too_little_to_train_on(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "c", TokenSpace(10)) as writer:
        writer.add("train", np.array([2]))
        with pytest.raises(UserError, match=r"give 1 training sequence\(s\), and training needs at least 2"):
            writer.close(domain={})
    assert not Corpus.exists(tmp_path / "c")


def test_a_corpus_of_another_format(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "c", TokenSpace(10)) as writer:
        writer.add_many("train", np.array([2, 2]), [1, 1])
        writer.close(domain={})
    path = tmp_path / "c" / "corpus.json"
    write_json(path, {**read_json(path), "format": 99})
    with pytest.raises(UserError, match=r"corpus format 99, but this version reads 1: prepare it again"):
        Corpus(tmp_path / "c")
