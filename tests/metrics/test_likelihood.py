"""The held-out likelihood is that of what is sampled, sequence by sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import END, PAD, SequenceBatch

Make = Callable[..., TokenGenerator]


def ended(max_length: int, sequences: list[tuple[int, ...]]) -> HeldSequences:
    rows = [[*sequence] + [PAD] * (max_length - len(sequence)) for sequence in sequences]
    return HeldSequences(SequenceBatch(torch.tensor(rows), torch.tensor([len(one) for one in sequences])))


@pytest.mark.parametrize("temperature", [0.6, 1.0, 1.7])
def test_at_a_temperature_it_is_the_probability_of_being_sampled(
    token_generator: Make, every_sequence: Callable[..., dict[tuple[int, ...], Any]], temperature: float
) -> None:
    generator = token_generator()
    exact = {
        sequence: probability
        for sequence, probability in every_sequence(generator, 3, temperature).items()
        if sequence[-1] == END
    }
    nats = held_out_nll(generator, ended(3, list(exact)), Draws(0, "none"), temperature=temperature, chunk=4)
    expected = torch.stack([-probability.detach().log() for probability in exact.values()])
    torch.testing.assert_close(nats, expected.double(), rtol=0, atol=1e-5)


def test_a_low_temperature_favours_the_likely(token_generator: Make) -> None:
    generator, draws = token_generator(), Draws(0, "none")
    greedy, words = [], torch.tensor([[generator.space.start]])
    for _ in range(3):
        batch = SequenceBatch(words, torch.tensor([words.shape[1]]))
        logits = generator(batch, words, draws)[0, -1].clone()
        logits[[PAD, generator.space.start]] = float("-inf")
        greedy.append(int(logits.argmax()))
        words = torch.tensor([[generator.space.start, *greedy]])
    held = ended(3, [tuple(greedy)])
    likely = [float(held_out_nll(generator, held, draws, temperature=level)) for level in (0.1, 0.5, 1.0, 2.0)]
    assert likely == sorted(likely)


def test_dropout_left_on_is_refused(token_generator: Make) -> None:
    generator = token_generator(dropout=0.5).train()
    with pytest.raises(AssertionError):
        held_out_nll(generator, ended(1, [(END,)]), Draws(0, "none"))
