from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch
from scipy import stats

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe.schema import TokenCell
from seqgan_toolkit.sampling.base import sample_many
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sampling.tokens import TokenSampler, forbid
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


def counted(batch: SequenceBatch) -> Counter[tuple[int, ...]]:
    rows = zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)
    return Counter(tuple(values[:length]) for values, length in rows)


@pytest.mark.parametrize("cell", get_args(TokenCell))
def test_probabilities_of_all_sequences_sum_to_one(token_generator: Make, every_sequence: Enumerate, cell: str) -> None:
    exact = every_sequence(token_generator(cell=cell), 4)
    assert len(exact) == 1 + 2 + 4 + 16 + 8
    assert float(sum(exact.values()).detach()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("settings", "temperature"),
    [
        *(({}, temperature) for temperature in (1.0, 0.6, 1.7)),
        *(({"cell": cell}, 1.0) for cell in get_args(TokenCell)),
        ({"tied_embeddings": True}, 1.0),
    ],
    ids=str,
)
def test_sequences_come_as_often_as_they_should(
    token_generator: Make, every_sequence: Enumerate, settings: dict[str, Any], temperature: float
) -> None:
    generator, rows = token_generator(**settings), 20_000
    exact = every_sequence(generator, 3, temperature)
    drawn = counted(TokenSampler(generator, 3).sample(None, rows, Draws(1, "tokens"), Strategy(temperature)))
    assert set(drawn) <= set(exact)
    probabilities = torch.stack(list(exact.values())).detach().double()
    observed = [drawn[sequence] for sequence in exact]
    test = stats.chisquare(observed, (rows * probabilities / probabilities.sum()).numpy())
    assert test.pvalue > 1e-4


def test_temperature_changes_the_distribution(token_generator: Make, every_sequence: Enumerate) -> None:
    sharp, usual = (every_sequence(token_generator(), 3, temperature) for temperature in (0.6, 1.0))
    gaps = [abs(float(sharp[sequence].detach() - usual[sequence].detach())) for sequence in usual]
    # Otherwise the test above could not tell one temperature from another.
    assert max(gaps) > 0.02


@pytest.mark.parametrize(
    "settings", [{"noise_dim": 3}, {"num_labels": 8, "noise_dim": 8, "num_layers": 2, "cell": "rnn"}]
)
def test_greedy_rows_that_leave_change_nothing(token_generator: Make, settings: dict[str, Any]) -> None:
    generator, rows, steps = token_generator(size=9, scale=3.0, **settings), 64, 10
    labels = torch.arange(rows) % 8 if generator.num_labels else None
    batch = TokenSampler(generator, steps).sample(labels, rows, Draws(1, "tokens"), Strategy(0))
    assert len(batch.lengths.unique()) > 2, "rows must end at different steps for this test to mean anything"
    table, tokens = generator.input_table(), torch.full((rows,), generator.space.start)
    state = generator.start(generator.draw_noise(Draws(1, "tokens"), rows), labels)
    for step in range(batch.num_steps):
        logits, state = generator.step(table[tokens], state, torch.empty(rows, 0))
        tokens = forbid(logits, generator.space).argmax(-1)
        inside = step < batch.lengths
        assert torch.equal(batch.values[inside, step], tokens[inside])
        assert (batch.values[~inside, step] == 0).all()


@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_padding_and_start_are_never_drawn(token_generator: Make, temperature: float) -> None:
    generator = token_generator(step_noise_dim=2)
    with torch.no_grad():
        generator.head.bias[:2] = 50.0
    batch = TokenSampler(generator, 6).sample(None, 500, Draws(1, "tokens"), Strategy(temperature))
    assert (batch.values[batch.mask] > 1).all()


def test_a_sequence_ends_at_its_end_token(token_generator: Make) -> None:
    batch = TokenSampler(token_generator(), 6).sample(None, 500, Draws(1, "tokens"))
    last = batch.values.gather(1, batch.lengths[:, None] - 1)[:, 0]
    assert (last[batch.lengths < 6] == 2).all()
    assert ((batch.values == 2).sum(1) <= 1).all()
    assert batch.num_steps == int(batch.lengths.max())


def test_labels_stay_with_their_rows(token_generator: Make) -> None:
    generator, labels = token_generator(num_labels=3), torch.tensor([2, 0, 1, 2])
    batch = TokenSampler(generator, 6).sample(labels, 4, Draws(1, "tokens"))
    assert torch.equal(batch.labels, labels)


def test_many_are_drawn_in_chunks(token_generator: Make) -> None:
    generator = token_generator(num_labels=3)
    sampler, labels = TokenSampler(generator, 6), torch.arange(25) % 3
    batch = sample_many(sampler, generator.space, labels, 25, Draws(1, "tokens"), chunk=10)
    assert len(batch) == 25
    assert torch.equal(batch.labels, labels)
    again = sample_many(sampler, generator.space, labels, 25, Draws(1, "tokens"), chunk=10)
    assert torch.equal(batch.values, again.values)
    other = sample_many(sampler, generator.space, labels, 25, Draws(2, "tokens"), chunk=10)
    assert counted(batch) != counted(other)


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
def test_a_power_of_two_draws_what_the_softmax_draws(token_generator: Make, temperature: float) -> None:
    generator = token_generator(size=300, noise_dim=8)
    fast = TokenSampler(generator, 6).sample(None, 500, Draws(1, "tokens"), Strategy(temperature))
    # Outputs that may be anything leave the softmax as the only way.
    generator.cell.output_bound = None
    slow = TokenSampler(generator, 6).sample(None, 500, Draws(1, "tokens"), Strategy(temperature))
    assert fast.values.shape == slow.values.shape
    # A level may fall on the border of two tokens, which rounding moves, and the row then goes its own way.
    assert (fast.values != slow.values).any(1).float().mean() < 0.01


@pytest.mark.parametrize("offset", [-500.0, 500.0])
def test_logits_beyond_the_range_of_a_float_are_drawn_right(token_generator: Make, offset: float) -> None:
    generator = token_generator(scale=1.0)
    with torch.no_grad():
        generator.head.bias += offset
        narrow = counted(TokenSampler(generator, 3).sample(None, 500, Draws(1, "tokens")))
        generator.head.bias -= offset
        assert counted(TokenSampler(generator, 3).sample(None, 500, Draws(1, "tokens"))) == narrow
        # A row's largest logit may now lie anywhere in 2,000 nats.
        generator.head.weight.mul_(0).add_(200.0)
        generator.head.weight[3] -= 1.0
    wide = TokenSampler(generator, 3).sample(None, 500, Draws(1, "tokens"))
    assert (wide.values[wide.mask] > 1).all()
    assert len(counted(wide)) > 3


def test_two_processes_draw_what_one_would(token_generator: Make) -> None:
    generator = token_generator(noise_dim=2, step_noise_dim=2)
    whole = TokenSampler(generator, 6).sample(None, 12, Draws(1, "tokens"))
    for rank in (0, 1):
        half = TokenSampler(generator, 6).sample(None, 6, Draws(1, "tokens", rank=rank, world=2))
        assert torch.equal(half.lengths, whole.lengths[6 * rank :][:6])
        assert torch.equal(half.values, whole.values[6 * rank :][:6, : half.num_steps])
