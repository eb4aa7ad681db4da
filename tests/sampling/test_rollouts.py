from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.rollouts import Completions, RollOuts
from seqgan_toolkit.sampling.tokens import TokenSampler, forbid, invert
from seqgan_toolkit.sequences import NO_END, SequenceBatch, TokenSpace

Make = Callable[..., TokenGenerator]
STEPS, COPIES = 7, 3
CONDITIONS = pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cell": "gru", "num_layers": 2},
        {"noise_dim": 3},
        {"cell": "rnn", "noise_dim": 2, "num_labels": 4},
        {"cell": "rmc"},
        {"space": TokenSpace.of_words(9)},
        {"cell": "transformer", "num_labels": 4, "num_layers": 2},
    ],
    ids=lambda settings: "+".join(map(str, settings.values())) or "plain",
)


def drawn(generator: TokenGenerator, rows: int) -> tuple[SequenceBatch, torch.Tensor]:
    labels = torch.arange(rows) % 4 if generator.num_labels else None
    noise = generator.draw_noise(Draws(1, "noise"), rows)
    return TokenSampler(generator, STEPS).sample_from(noise, labels, Draws(1, "tokens")), noise


def complete(
    generator: TokenGenerator, batch: SequenceBatch, noise: torch.Tensor, draws: Draws, *, chunk: int = 10_000
) -> dict[tuple[int, int, int], tuple[int, ...]]:
    """The completions by row, last step of the prefix, and copy."""
    found: dict[tuple[int, int, int], tuple[int, ...]] = {}
    for part in RollOuts(generator, STEPS, COPIES, chunk).complete(batch, noise, draws):
        check_labels(part, batch)
        whole = zip(part.batch.values.tolist(), part.batch.lengths.tolist(), strict=True)
        for (values, length), row, step in zip(whole, part.rows.tolist(), part.steps.tolist(), strict=True):
            copy = sum((row, step, copy) in found for copy in range(COPIES))
            found[row, step, copy] = tuple(values[:length])
            assert not any(values[length:])
    return found


def check_labels(part: Completions, batch: SequenceBatch) -> None:
    assert (part.batch.labels is None) == (batch.labels is None)
    if batch.labels is not None:
        assert torch.equal(part.batch.labels, batch.labels[part.rows])


def naive(
    generator: TokenGenerator, batch: SequenceBatch, noise: torch.Tensor, draws: Draws
) -> dict[tuple[int, int, int], tuple[int, ...]]:
    """The same one prefix at a time, each read from its start, by the same random numbers."""
    found = {}
    for copy in range(COPIES):
        stream = draws.fork()
        levels = [stream.uniform(len(batch), step) for step in range(1, STEPS)]
        for row, length in enumerate(batch.lengths.tolist()):
            labels = None if batch.labels is None else batch.labels[row : row + 1]
            for last in range(length - 1):
                tokens = batch.values[row, : last + 1].tolist()
                while len(tokens) < STEPS and tokens[-1] != generator.space.end:
                    weights = next_token(generator, tokens, noise[row : row + 1], labels)
                    tokens.append(int(invert(weights, levels[len(tokens) - 1][row, last].view(1, 1))))
                found[row, last, copy] = tuple(tokens)
    return found


@torch.no_grad()
def next_token(
    generator: TokenGenerator, tokens: list[int], noise: torch.Tensor, labels: torch.Tensor | None
) -> torch.Tensor:
    table, state = generator.input_table(), generator.start(noise, labels)
    for token in [generator.space.start, *tokens]:
        logits, state = generator.step(table[[token]], state, torch.empty(1, 0))
    return forbid(logits, generator.space).softmax(-1)


@CONDITIONS
def test_they_are_what_one_prefix_at_a_time_gives(token_generator: Make, settings: dict[str, Any]) -> None:
    generator = token_generator(size=9, scale=3.0, **settings)
    batch, noise = drawn(generator, 12)
    # Rows must end at different steps for this test to mean anything, where they end at all.
    assert len(batch.lengths.unique()) > 2 or generator.space.end == NO_END
    expected = naive(generator, batch, noise, Draws(1, "completions"))
    found = complete(generator, batch, noise, Draws(1, "completions"))
    assert len({sequence[step + 1 :] for (_, step, _), sequence in expected.items()}) > 15
    assert found == expected


@pytest.mark.parametrize("chunk", [1, 20, 100, 300])
def test_the_chunk_changes_nothing(token_generator: Make, chunk: int) -> None:
    generator = token_generator(size=9, scale=3.0, noise_dim=3)
    batch, noise = drawn(generator, 12)
    expected = complete(generator, batch, noise, Draws(1, "completions"))
    assert complete(generator, batch, noise, Draws(1, "completions"), chunk=chunk) == expected


def test_a_chunk_bounds_what_is_in_memory(token_generator: Make) -> None:
    generator = token_generator(size=9)
    batch, noise = drawn(generator, 12)
    for chunk in (7, 20, 100, 300):
        parts = list(RollOuts(generator, STEPS, COPIES, chunk).complete(batch, noise, Draws(1, "completions")))
        assert max(len(part.rows) for part in parts) <= chunk


def test_two_processes_complete_what_one_would(token_generator: Make) -> None:
    generator = token_generator(size=9, scale=3.0, noise_dim=3)
    batch, noise = drawn(generator, 12)
    whole = complete(generator, batch, noise, Draws(1, "completions"))
    for rank in (0, 1):
        own = slice(6 * rank, 6 * rank + 6)
        part = batch.rows(own)
        part = SequenceBatch(part.values[:, : int(part.lengths.max())], part.lengths)
        found = complete(generator, part, noise[own], Draws(1, "completions", rank=rank, world=2))
        assert {(row + 6 * rank, *rest): sequence for (row, *rest), sequence in found.items()} == {
            key: sequence for key, sequence in whole.items() if 6 * rank <= key[0] < 6 * rank + 6
        }


def test_whole_sequences_are_not_completed(token_generator: Make) -> None:
    generator = token_generator()
    ended = SequenceBatch(torch.tensor([[2, 0], [2, 0]]), torch.tensor([1, 1]))
    assert list(RollOuts(generator, STEPS, 2).complete(ended, torch.empty(2, 0), Draws(1, "c"))) == []
