"""Copies of training sentences, whole and in part."""

from __future__ import annotations

from collections.abc import Callable

from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.memorisation import MemorisationPanel

MakeSample = Callable[..., Sample]
TRAINING = [(4, 5, 6, 9), (7,), (10, 11, 12, 13, 14)]


def test_whole_sentences_and_longest_spans(sample_of: MakeSample) -> None:
    generated = [[4, 5, 6, 9], [8, 11, 12, 13, 8], [5, 6, 10, 11], [8, 8]]
    figures = MemorisationPanel(TRAINING, [(4, 5), (7,)]).measure(sample_of(generated))
    assert figures["training_copies"].value == 1 / 4
    assert figures["longest_copied_span"].value == (4 + 3 + 2 + 0) / 4
    assert figures["training_copies"].note == "held-out sentences have 0.5"
    assert figures["longest_copied_span"].note == "held-out sentences have 1.5"


def test_a_sample_learnt_by_heart_is_called_that(sample_of: MakeSample) -> None:
    copies = sample_of([list(one) for one in TRAINING])
    note = MemorisationPanel(TRAINING, [(4, 5), (8,), (9,)]).measure(copies)["training_copies"].note
    assert note == "warning: 100% are training sentences word for word: learnt by heart; held-out sentences have 0"
    # Where held-out sentences are as often those of training, short ones say, it is no sign.
    note = MemorisationPanel(TRAINING, [(7,), (8,)]).measure(copies)["training_copies"].note
    assert note == "held-out sentences have 0.5"


def test_training_data_are_all_copies(sample_of: MakeSample) -> None:
    figures = MemorisationPanel(TRAINING, []).measure(sample_of([list(one) for one in TRAINING]))
    assert figures["training_copies"].value == 1
    assert figures["longest_copied_span"].value == (4 + 1 + 5) / 3
