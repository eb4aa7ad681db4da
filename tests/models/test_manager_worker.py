"""LeakGAN's generator: what it computes, step by step and at once, and which parts learn from what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import RecurrentEncoder
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.token_generator import shift_right
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace
from seqgan_toolkit.training.teacher_forcing import ManagerWorkerTeacher

Make = Callable[..., ManagerWorkerGenerator]


def sequences() -> SequenceBatch:
    return SequenceBatch(torch.tensor([[3, 4, 4, 3, 4, 2], [4, 3, 2, 0, 0, 0]]), torch.tensor([6, 3]))


@pytest.mark.parametrize("settings", [{}, {"noise_dim": 3, "num_labels": 2}, {"horizon": 1, "leaked": "lstm"}])
def test_step_by_step_and_at_once_are_equal(manager_worker: Make, settings: dict[str, object]) -> None:
    generator, batch = manager_worker(**settings), sequences()
    labels = torch.tensor([1, 0]) if "num_labels" in settings else None
    inputs, noise = shift_right(batch, generator.space.start), generator.draw_noise(Draws(1, "noise"), 2)
    at_once = generator.head(generator.outputs(inputs, labels, noise))
    state, look_up = generator.start(noise, labels), generator.look_up()
    for step in range(6):
        logits, state = generator.step(look_up(inputs[:, step]), state, noise.new_zeros(2, 0))
        torch.testing.assert_close(logits, at_once[:, step], rtol=0, atol=1e-5)


def test_logits_are_the_actions_matrix_times_the_projected_goals(manager_worker: Make) -> None:
    generator, batch = manager_worker(), sequences()
    inputs, noise = shift_right(batch, generator.space.start), torch.zeros(2, 0)
    goals = generator.goals(generator.features(batch.values[:, :-1]))
    torch.testing.assert_close(goals.norm(dim=-1), torch.ones(2, 6))
    hidden, _ = generator.cell.scan(generator.embedding(inputs), generator.cell.zero_state(2))
    k = generator.action.out_features
    for step in range(6):
        action = generator.action(goals[:, max(0, step - 1) : step + 1].sum(1))  # the horizon is 2
        matrix = generator.head.weight.view(5, -1, k)  # of every token: one row for each number of the state, then 1
        extended = torch.cat([hidden[:, step], torch.ones(2, 1)], -1)
        expected = torch.einsum("bh,vhk,bk->bv", extended, matrix, action) + generator.head.bias
        found = generator.head(generator.outputs(inputs, None, noise))[:, step]
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_features_are_the_states_of_the_discriminators_encoder(
    manager_worker: Make, discriminator: Callable[..., Discriminator]
) -> None:
    generator, batch = manager_worker(), sequences()
    encoder = RecurrentEncoder(4, cell="gru", hidden_dim=7, bidirectional=False)
    network = discriminator(TokenSpace(5), [encoder])
    assert network.embedding is not None
    before = generator.features(batch.values)
    generator.features.follow(network.embedding, encoder.forwards[0], 0.5)
    between = generator.features.embedding.weight.clone()
    generator.features.follow(network.embedding, encoder.forwards[0], 1.0)
    states, _ = encoder.states(network.embed(batch.values), batch.lengths)
    found = generator.features(batch.values)
    torch.testing.assert_close(found[:, 1:], states.detach())
    assert not found[:, 0].any()
    assert not torch.allclose(before, found)
    assert not torch.equal(between, generator.features.embedding.weight)


def test_teacher_forcing_reaches_each_part_by_its_own_loss(manager_worker: Make) -> None:
    generator, batch = manager_worker(), sequences()
    generator(batch, shift_right(batch, generator.space.start), Draws(0, "none")).sum().backward()
    reached = {name.split(".")[0] for name, weight in generator.named_parameters() if weight.grad is not None}
    assert reached == {"embedding", "cell", "action", "head"}
    ManagerWorkerTeacher(generator, 4.5).loss(batch, Draws(0, "none"), 0.0).backward()
    reached = {name.split(".")[0] for name, weight in generator.named_parameters() if weight.grad is not None}
    assert reached == {"embedding", "cell", "action", "head", "manager", "goal"}


def test_samples_come_with_their_exact_probabilities(manager_worker: Make, every_sequence: Callable[..., dict]) -> None:
    generator = manager_worker()
    exact = {sequence: float(share.detach()) for sequence, share in every_sequence(generator, 3).items()}
    assert sum(exact.values()) == pytest.approx(1, abs=1e-5)
    rows = 20000
    drawn = TokenSampler(generator, 3).sample(None, rows, Draws(3, "sampling"))
    counts = dict.fromkeys(exact, 0)
    for values, length in zip(drawn.values.tolist(), drawn.lengths.tolist(), strict=True):
        counts[tuple(values[:length])] += 1
    for sequence, share in exact.items():
        assert abs(counts[sequence] / rows - share) < 5 * (share * (1 - share) / rows) ** 0.5 + 1e-4
