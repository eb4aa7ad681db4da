"""The panel of caption metrics on generated token sequences."""

import os
from pathlib import Path

import pytest
import torch

from seqgan_toolkit.metrics.text.bleu import bleu, self_bleu
from seqgan_toolkit.metrics.text.captions import CaptionPanel, sentences_of
from seqgan_toolkit.sequences import END, SequenceBatch

COCO = Path(os.environ.get("SEQGAN_DATA", Path(__file__).parents[3] / "shared" / "data")) / "coco_captions"


GENERATED = [[4, 5, 6, 7, 8], [4, 5, 6, 9], [4, 5, 6, 7, 8], [10, 11]]
REFERENCES = [[4, 5, 6, 7, 9, END], [10, 11, 12, END]]


def test_values_are_those_of_the_words_without_the_end_token(sample_of):
    figures = CaptionPanel(REFERENCES).measure(sample_of(GENERATED))
    words = [[token for token in sentence if token != END] for sentence in REFERENCES]
    for order in (2, 3, 4, 5):
        assert figures[f"bleu_{order}"].value == pytest.approx(bleu(GENERATED, words)[order - 1])
        assert figures[f"self_bleu_{order}"].value == pytest.approx(self_bleu(GENERATED)[order - 1])
    assert figures["distinct"].value == 3 / 4
    assert "held_out_nll" not in figures
    for measurement in figures.values():
        low, high = measurement.interval
        assert low <= measurement.value <= high


def test_held_out_nll_is_per_token_with_an_interval_that_holds_the_truth(sample_of):
    generator = torch.Generator().manual_seed(0)
    inside = 0
    for _ in range(200):
        sizes = torch.randint(1, 9, (100,), generator=generator).tolist()
        per_sentence = [(2.0 + torch.randn(size + 1, generator=generator).double()).sum() for size in sizes]
        panel = CaptionPanel([[4] * size + [END] for size in sizes])
        measured = panel.measure(sample_of(GENERATED, torch.stack(per_sentence)))["held_out_nll"]
        inside += measured.interval[0] <= 2.0 <= measured.interval[1]
    assert 180 <= inside <= 198


def test_one_sentence_has_no_self_bleu(sample_of):
    figures = CaptionPanel(REFERENCES).measure(sample_of(GENERATED[:1]))
    assert figures["self_bleu_2"].value is None
    assert "two sentences" in figures["self_bleu_2"].note


def test_sentences_end_at_the_end_token_or_the_length():
    batch = SequenceBatch(torch.tensor([[4, END, 5], [4, 5, 6]]), torch.tensor([3, 2]))
    assert sentences_of(batch) == [(4,), (4, 5)]


@pytest.mark.skipif(not COCO.is_dir(), reason="the COCO captions are not here (SEQGAN_DATA)")
def test_human_captions_score_as_published():
    train, test = (
        [line.split() for line in (COCO / f"{split}.txt").read_text().splitlines()] for split in ("train", "test")
    )
    assert bleu(train, test)[1:] == pytest.approx([0.744, 0.526, 0.344, 0.222], abs=1.5e-3)
    assert self_bleu(train)[1:] == pytest.approx([0.895, 0.751, 0.581, 0.422], abs=1.5e-3)
