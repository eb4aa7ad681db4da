from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.sampling import scoring as scoring_module
from seqgan_toolkit.sampling.rejection import RejectionSampler
from seqgan_toolkit.sampling.scoring import mean_scores
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace

SPACE = TokenSpace(100)


class Counting:
    """Makes the sequences 3, 4, 5 …, one token each."""

    def __init__(self) -> None:
        self.strategies: list[Strategy] = []
        self.next = 3

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        self.strategies.append(strategy)
        values = torch.arange(self.next, self.next + rows)[:, None]
        self.next += rows
        return SequenceBatch(values, torch.ones(rows, dtype=torch.int64), labels)


def scoring(make: Callable[..., Discriminator], score: Callable[[torch.Tensor], torch.Tensor], **settings: Any) -> Any:
    """A discriminator whose score of a sequence is a function of its token."""
    discriminator = make(SPACE, **settings).eval()
    forward = discriminator.forward

    def scored(batch: SequenceBatch) -> Any:
        verdict = forward(batch)
        verdict.scores[:, 0] = score(batch.values[:, 0].float())
        return verdict

    discriminator.forward = scored
    return discriminator


def test_the_best_are_kept_and_the_rate_is_printed(discriminator: Any, capsys: pytest.CaptureFixture[str]) -> None:
    inner = Counting()
    best = RejectionSampler(inner, scoring(discriminator, lambda token: -(token - 10).abs()), 0.25)
    batch = best.sample(None, 5, Draws(1, "x"), Strategy(top_k=7))
    assert sorted(batch.values[:, 0].tolist()) == [8, 9, 10, 11, 12]
    assert batch.values[0, 0] == 10, "best first"
    assert inner.strategies == [Strategy(top_k=7)]
    expected = (
        "kept the best 5 of 20 by the discriminator's score (acceptance 0.250); mean score -1.200, of all -5.300\n"
    )
    assert capsys.readouterr().err == expected


def test_each_label_keeps_its_own_best(discriminator: Any) -> None:
    best = RejectionSampler(Counting(), scoring(discriminator, lambda token: token, num_labels=3), 0.5)
    labels = torch.tensor([2, 0, 2, 2, 0])
    batch = best.sample(labels, 5, Draws(1, "x"))
    assert torch.equal(batch.labels, labels)
    # Four sequences of label 0 come first, 3 to 6, then six of label 2, 7 to 12.
    assert batch.values[:, 0].tolist() == [12, 6, 11, 10, 5]


@pytest.mark.parametrize(("share", "group_size", "drawn"), [(1.0, 0, 3), (1 / 3, 0, 9), (0.7, 0, 5), (0.7, 4, 8)])
def test_so_many_are_drawn(
    discriminator: Any, capsys: pytest.CaptureFixture[str], share: float, group_size: int, drawn: int
) -> None:
    network = scoring(discriminator, lambda token: token, group_size=group_size)
    RejectionSampler(Counting(), network, share).sample(None, 3, Draws(1, "x"))
    assert f"kept the best 3 of {drawn} " in capsys.readouterr().err


@pytest.mark.parametrize("group_size", [0, 3])
def test_scores_are_those_of_the_network_in_pieces_too(
    discriminator: Any, monkeypatch: pytest.MonkeyPatch, group_size: int
) -> None:
    network = discriminator(SPACE, per_step=True, group_size=group_size).eval()
    generator = torch.Generator().manual_seed(1)
    batch = SequenceBatch(
        torch.randint(3, 100, (24, 6), generator=generator), torch.randint(1, 7, (24,), generator=generator)
    )
    verdict = network(batch)
    expected = torch.stack([row[mask].mean() for row, mask in zip(verdict.scores, verdict.mask, strict=True)])
    monkeypatch.setattr(scoring_module, "ROWS_AT_ONCE", 5)
    torch.testing.assert_close(mean_scores(network, batch, torch.device("cpu")), expected)
