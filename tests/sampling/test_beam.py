from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe.schema import TokenCell
from seqgan_toolkit.sampling import beam as beam_module
from seqgan_toolkit.sampling.beam import BeamSampler
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


def sequences(batch: SequenceBatch) -> list[tuple[int, ...]]:
    return [tuple(row[:length]) for row, length in zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)]


def ranked(exact: dict[tuple[int, ...], Any]) -> list[tuple[float, tuple[int, ...]]]:
    """Return all sequences by their mean log-probability of a token, best first."""
    return sorted(((float(value.detach().log()) / len(key), key) for key, value in exact.items()), reverse=True)


@pytest.mark.parametrize("cell", get_args(TokenCell))
def test_a_wide_beam_finds_all_sequences_in_order(token_generator: Make, every_sequence: Enumerate, cell: str) -> None:
    generator = token_generator(size=6, cell=cell)
    best = ranked(every_sequence(generator, 4))
    found = BeamSampler(generator, 4, 150).search(None, 1, Draws(1, "beam"))
    assert found.scores[0, : len(best)].tolist() == pytest.approx([score for score, _ in best], abs=1e-5)
    assert (found.scores[0, len(best) :] == float("-inf")).all()
    batch = BeamSampler(generator, 4, 150).sample(None, len(best), Draws(1, "beam"))
    assert sequences(batch) == [sequence for _, sequence in best]
    assert len({len(sequence) for sequence in sequences(batch)}) > 1


def test_a_wider_beam_finds_what_the_likeliest_first_token_hides(token_generator: Make) -> None:
    generator = token_generator(size=20, scale=3.0)
    found = [BeamSampler(generator, 4, beam).search(None, 1, Draws(1, "beam")) for beam in (1, 8, 300)]
    (greedy,) = sequences(TokenSampler(generator, 4).sample(None, 1, Draws(1, "tokens"), Strategy(0)))
    narrow, wide, widest = (float(beams.scores[0, 0]) for beams in found)
    assert tuple(found[0].values[0, 0].tolist()) == greedy, "it has four tokens, so that a beam of one goes with it"
    assert narrow + 0.01 < wide <= widest + 1e-6


def test_every_row_is_a_search_of_its_own(token_generator: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = token_generator(size=30, num_labels=2, noise_dim=3, step_noise_dim=2)
    labels = torch.arange(12) % 2
    whole = BeamSampler(generator, 5, 4).sample(labels, 12, Draws(1, "beam"))
    assert len(set(sequences(whole))) > 3, "other noise, other sentences"
    assert torch.equal(whole.labels, labels)
    assert whole.num_steps == int(whole.lengths.max())
    # Noise is drawn for so many rows as are searched at once: one by one is another stream, so only shapes are kept.
    alone = BeamSampler(generator, 5, 4).search(labels[:1], 1, Draws(2, "beam"))
    monkeypatch.setattr(beam_module, "HYPOTHESES_AT_ONCE", 4)
    pieces = BeamSampler(generator, 5, 4).search(labels, 12, Draws(2, "beam"))
    assert torch.equal(pieces.values[0], alone.values[0])
    assert pieces.values.shape == (12, 4, 5)


def test_without_noise_a_label_gets_its_best_sequences(token_generator: Make) -> None:
    generator = token_generator(size=9, scale=3.0, num_labels=3)
    labels = torch.tensor([2, 0, 2, 1, 0, 2])
    batch = BeamSampler(generator, 5, 4).sample(labels, 6, Draws(1, "beam"))
    assert torch.equal(batch.labels, labels)
    for label in range(3):
        found = BeamSampler(generator, 5, 4).search(torch.tensor([label]), 1, Draws(1, "beam"))
        rows = batch.rows(labels == label)
        for place, sequence in enumerate(sequences(rows)):
            length = int(found.lengths[0, place])
            assert sequence == tuple(found.values[0, place, :length].tolist())


def test_a_beam_ends_early_only_where_nothing_better_can_come(token_generator: Make) -> None:
    generator = token_generator(size=9)
    with torch.no_grad():
        generator.head.bias[generator.space.end] = 3.0
    steps = []
    step = generator.step
    generator.step = lambda *inputs: steps.append(1) or step(*inputs)  # type: ignore[method-assign]
    short = BeamSampler(generator, 60, 2).search(None, 1, Draws(1, "beam"))
    assert 1 < len(steps) < 60
    wide = BeamSampler(generator, 8, 500).search(None, 1, Draws(1, "beam"))
    assert torch.equal(short.values[0, 0, :8], wide.values[0, 0])


@pytest.mark.parametrize(
    ("beam", "num", "message"),
    [
        (4, 5, "a beam of 4 finds 4 different sequences of a label at most, and 5 were asked for: give --beam 5"),
        (9, 8, "there are only 7 different sequences, and 8 were asked for"),
    ],
)
def test_more_than_there_are_is_refused(token_generator: Make, beam: int, num: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        BeamSampler(token_generator(size=5), 2, beam).sample(None, num, Draws(1, "beam"))
