from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch
from torch.nn.functional import cross_entropy

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.parts import Dropout, use_draws
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.recipe.schema import TokenCell
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
CONDITIONS = pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cell": "gru", "num_layers": 2},
        {"noise_dim": 3},
        {"step_noise_dim": 2},
        {"tied_embeddings": True},
        {"tied_embeddings": True, "hidden_dim": 4},
        {"cell": "rmc", "noise_dim": 3, "step_noise_dim": 2},
        {"cell": "transformer", "num_labels": 4, "step_noise_dim": 2, "num_layers": 2},
        {"cell": "mingru", "step_noise_dim": 2, "num_labels": 4},
        {"cell": "rnn", "noise_dim": 3, "step_noise_dim": 2, "num_labels": 4, "num_layers": 2},
    ],
    ids=lambda settings: "+".join(settings) or "plain",
)


def sequences(num_labels: int) -> SequenceBatch:
    tokens = torch.tensor([[3, 4, 4, 3, 2], [4, 4, 2, 0, 0], [2, 0, 0, 0, 0]])
    return SequenceBatch(tokens, torch.tensor([5, 3, 1]), torch.tensor([0, 3, 1]) if num_labels else None)


@CONDITIONS
def test_teacher_forcing_equals_free_running(token_generator: Make, settings: dict[str, Any]) -> None:
    generator = token_generator(**settings)
    batch = sequences(generator.num_labels)
    inputs = shift_right(batch, generator.space.start)
    forced = generator(batch, inputs, Draws(1, "noise"))
    same = Draws(1, "noise")
    state = generator.start(generator.draw_noise(same, 3), batch.labels)
    noise = same.normal(3, 5, generator.step_noise_dim)
    look_up = generator.look_up()
    for step in range(5):
        logits, state = generator.step(look_up(inputs[:, step]), state, noise[:, step])
        torch.testing.assert_close(logits, forced[:, step], rtol=0, atol=1e-5)


@pytest.mark.parametrize("setting", ["noise_dim", "step_noise_dim"])
def test_noise_changes_what_comes(token_generator: Make, setting: str) -> None:
    generator, batch = token_generator(**{setting: 3}), sequences(0)
    inputs = shift_right(batch, 1)
    first, second = (generator(batch, inputs, Draws(seed, "noise")) for seed in (1, 2))
    assert (first - second).abs().amax(-1).min() > 1e-3


def test_a_label_changes_what_comes(token_generator: Make) -> None:
    generator, batch = token_generator(num_labels=4), sequences(4)
    inputs, other = shift_right(batch, 1), SequenceBatch(batch.values, batch.lengths, torch.tensor([1, 0, 2]))
    first, second = (generator(given, inputs, Draws(1, "noise")) for given in (batch, other))
    assert (first - second).abs().amax(-1).min() > 1e-3


def test_a_label_cannot_be_forgotten(token_generator: Make) -> None:
    generator = token_generator(num_labels=4)
    with pytest.raises(ValueError, match="conditional on a label"):
        generator.start(torch.zeros(2, 0), None)


def test_dropout_works_while_training_only(token_generator: Make) -> None:
    generator, batch = token_generator(dropout=0.5), sequences(0)
    use_draws(generator, Draws(1, "dropout"))
    inputs = shift_right(batch, 1)
    assert torch.equal(*(generator(batch, inputs, Draws(1, "noise")) for _ in range(2)))
    generator.train()
    assert not torch.equal(*(generator(batch, inputs, Draws(1, "noise")) for _ in range(2)))


def test_dropout_of_the_input_has_its_own_share(token_generator: Make) -> None:
    inputs = shift_right(sequences(0), 1)
    for settings in ({"dropout": 0.5, "input_dropout": 0.0}, {"dropout": 0.0, "input_dropout": 0.5}):
        generator = token_generator(**settings).train()
        seen: dict[str, bool] = {}

        def note(module: Dropout, given: tuple[torch.Tensor], made: torch.Tensor, seen: dict[str, bool] = seen) -> None:
            seen["input" if given[0].shape[-1] == 4 else "output"] = bool((made == 0).any())

        for module in (generator.input_dropout, generator.dropout):
            module.register_forward_hook(note)
        generator(sequences(0), inputs, Draws(1, "noise"))
        assert seen == {"input": settings["input_dropout"] > 0, "output": settings["dropout"] > 0}


def test_a_short_run_makes_no_table(token_generator: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    generator, tables = token_generator(), []
    monkeypatch.setattr(generator, "input_table", lambda: tables.append(1) or TokenGenerator.input_table(generator))
    made = []
    with torch.no_grad():
        for num_tokens in (4, 5, None):
            generator.look_up(num_tokens)
            made.append(len(tables))
    assert made == [0, 1, 2]


def test_inputs_are_looked_up_as_they_are_multiplied(token_generator: Make) -> None:
    generator, tokens = token_generator(), torch.tensor([4, 1, 1])
    with torch.no_grad():
        looked_up, few = generator.look_up()(tokens), generator.look_up(num_tokens=3)(tokens)
    multiplied = generator.look_up()(tokens)
    torch.testing.assert_close(multiplied, looked_up)
    torch.testing.assert_close(few, looked_up)
    assert multiplied.requires_grad


@pytest.mark.parametrize("hidden_dim", [4, 6])
def test_tied_embeddings_are_one_parameter(token_generator: Make, hidden_dim: int) -> None:
    generator = token_generator(tied_embeddings=True, hidden_dim=hidden_dim)
    assert generator.head.weight is generator.embedding.weight
    assert sum(parameter.shape == (5, 4) for parameter in generator.parameters()) == 1
    assert (generator.bridge is None) == (hidden_dim == 4)
    batch = sequences(0)
    generator(batch, shift_right(batch, 1), Draws(1, "noise")).sum().backward()
    # The head's share of the gradient reaches tokens that are in no input.
    assert generator.embedding.weight.grad[0].abs().sum() > 0


def test_the_bias_starts_at_the_frequency_of_tokens(token_generator: Make) -> None:
    generator = token_generator()
    generator.fit_bias(torch.tensor([0.0, 0.0, 10.0, 29.0, 56.0]))
    expected = torch.tensor([1.0, 1.0, 11.0, 30.0, 57.0]) / 100
    torch.testing.assert_close(generator.head.bias.exp(), expected)


def test_shift_right() -> None:
    batch = SequenceBatch(torch.tensor([[5, 6, 2], [7, 2, 0]]), torch.tensor([3, 2]))
    assert shift_right(batch, 1).tolist() == [[1, 5, 6], [1, 7, 2]]


@CONDITIONS
def test_states_that_are_joined_go_on_as_before(token_generator: Make, settings: dict[str, Any]) -> None:
    generator = token_generator(**settings)
    labels = sequences(generator.num_labels).labels
    noise, step_noise = torch.randn(3, generator.noise_dim), torch.randn(3, generator.step_noise_dim)
    table, tokens = generator.input_table(), torch.tensor([3, 4, 3])
    _, state = generator.step(table[tokens], generator.start(noise, labels), step_noise)
    expected, _ = generator.step(table[tokens], state, step_noise)
    joined = state.rows(torch.tensor([2])).join(state.rows(torch.tensor([0, 1])))
    order = torch.tensor([2, 0, 1])
    found, _ = generator.step(table[tokens[order]], joined, step_noise[order])
    torch.testing.assert_close(found, expected[order])


@pytest.mark.parametrize("cell", get_args(TokenCell))
def test_every_cell_learns_to_remember(token_generator: Make, cell: str) -> None:
    generator = token_generator(cell=cell, hidden_dim=16, scale=1.0).train()
    optimizer = torch.optim.Adam(generator.parameters(), lr=2e-2)
    recalled = []
    # What comes first comes again after two tokens that say nothing of it.
    tokens = torch.tensor([[3, 3, 3, 3], [4, 3, 3, 4]])
    batch = SequenceBatch(tokens, torch.tensor([4, 4]))
    for _ in range(100):
        logits = generator(batch, shift_right(batch, 1), Draws(1, "noise"))
        losses = cross_entropy(logits.transpose(1, 2), tokens, reduction="none")
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        recalled.append(losses[:, 3].mean().item())
    assert recalled[0] > 0.6
    assert recalled[-1] < 0.1, "chance is 0.69"
