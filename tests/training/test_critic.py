from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.encoders import ConvolutionalEncoder, RecurrentEncoder
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.parts import Dropout, use_draws
from seqgan_toolkit.models.random_window import RandomWindow
from seqgan_toolkit.models.spectral_norm import add_spectral_norm
from seqgan_toolkit.models.transformer_encoder import TransformerEncoder
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, TokenSpace
from seqgan_toolkit.training.augmentation import Augmentation
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.distortion import Distortion
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.penalty import PenaltySettings

Make = Callable[..., Discriminator]


def critic(
    discriminator: Discriminator,
    *,
    loss: str = "relativistic_pairing",
    distortion: Distortion | None = None,
    skip_above: float | None = None,
    autocast: bool = False,
    **penalty: Any,
) -> Critic:
    settings = {
        "kind": "zero_centred",
        "gamma": 0.0,
        "every": 1,
        "backend": "finite_difference",
        "sigma": 0.1,
        **penalty,
    }
    usual = {"lr": 1e-2, "betas": (0.9, 0.99), "weight_decay": 0.0, "clip": 5.0, "decay_from": 1.0, "final_lr": 1.0}
    dropout = Draws(1, "dropout", blocks=2)
    use_draws(discriminator, dropout)
    return Critic(
        discriminator,
        Descent(discriminator, **usual, ranks=Ranks()),
        LOSSES[loss],
        PenaltySettings(**settings),
        dropout=dropout,
        draws=Draws(1, "critic", blocks=2),
        distortion=distortion,
        skip_above=skip_above,
        autocast=autocast,
    )


def frames(level: float, rows: int = 16) -> SequenceBatch:
    values = torch.randn(rows, 5, 2, generator=torch.Generator().manual_seed(1)) * 0.1 + level
    return SequenceBatch(values, torch.full((rows,), 5))


def with_dropout(share: float, dim: int = 2) -> list[RecurrentEncoder]:
    return [RecurrentEncoder(dim, cell="gru", hidden_dim=5, dropout=share)]


def test_it_learns_to_tell_real_from_generated(discriminator: Make) -> None:
    judge = critic(discriminator(FrameSpace(2)), gamma=0.1, every=4)
    for step in range(60):
        values, _ = judge.learn(frames(0.5), frames(-0.5), step / 60)
    assert values["discriminator/accuracy"] == 1
    assert values["discriminator/loss"] < 0.1
    assert judge.judge(frames(0.5)).scores.mean() > judge.judge(frames(-0.5)).scores.mean() + 2


def test_the_penalty_is_due_every_few_steps(discriminator: Make) -> None:
    judge = critic(discriminator(FrameSpace(2)), gamma=1.0, every=3)
    due = ["discriminator/penalty" in judge.learn(frames(0.5), frames(-0.5), 0.0)[0] for _ in range(7)]
    assert due == [True, False, False, True, False, False, True]
    other = critic(discriminator(FrameSpace(2)), gamma=1.0, every=3)
    other.load_state_dict(judge.state_dict())
    assert "discriminator/penalty" not in other.learn(frames(0.5), frames(-0.5), 0.0)[0]


def test_the_penalty_moves_over_the_phase(discriminator: Make) -> None:
    moving, penalties = {"gamma": 1.0, "final_gamma": 0.1, "sigma": 0.1, "final_sigma": 0.01}, []
    for done, now in ((0.0, (1.0, 0.1)), (0.5, (0.55, 0.055)), (1.0, (0.1, 0.01))):
        for settings in (moving, {"gamma": now[0], "sigma": now[1]}):
            judge = critic(discriminator(FrameSpace(2)), **settings)
            penalties.append(judge.learn(frames(0.5), frames(-0.5), done)[0]["discriminator/penalty"])
    assert penalties[::2] == pytest.approx(penalties[1::2])
    assert penalties[0] > 5 * penalties[4]


def test_wgan_gp_bounds_the_slope(discriminator: Make) -> None:
    judge = critic(discriminator(FrameSpace(2), with_dropout(0.3)), loss="wasserstein", kind="wgan_gp", gamma=2.0)
    for _ in range(80):
        values, _ = judge.learn(frames(0.5), frames(-0.5), 0.0)
    # Each of 10 values moves by 1: a slope s along the way makes a gap of s times the root of 10, and the least of
    # -gap + 2 (s - 1)^2 is at s = 1 + the root of 10 / 4.
    assert values["discriminator/gap"] == pytest.approx(10**0.5 * (1 + 10**0.5 / 4), rel=0.15)
    assert all(module.training for module in judge.discriminator.modules() if not isinstance(module, Dropout))


@pytest.mark.parametrize("backend", ["exact", "finite_difference"])
def test_a_penalty_holds_the_discriminator_back(discriminator: Make, backend: str) -> None:
    gaps = []
    for gamma in (0.0, 10.0):
        judge = critic(discriminator(FrameSpace(2)), gamma=gamma, backend=backend)
        for _ in range(40):
            values, _ = judge.learn(frames(0.5), frames(-0.5), 0.0)
        gaps.append(values["discriminator/gap"])
    assert gaps[1] < gaps[0] / 2


@pytest.mark.parametrize("backend", ["exact", "finite_difference"])
def test_the_penalty_sees_the_dropout_of_the_loss(discriminator: Make, backend: str) -> None:
    # Otherwise a finite difference would measure the dropout: about 1 / sigma^2 times too much.
    penalties = []
    for share in (0.0, 0.5):
        judge = critic(discriminator(FrameSpace(2), with_dropout(share)), gamma=1.0, backend=backend, sigma=1e-3)
        penalties.append(judge.learn(frames(0.5), frames(-0.5), 0.0)[0]["discriminator/penalty"])
    assert penalties[1] < 10 * penalties[0]


def test_the_penalty_is_taken_in_float32(discriminator: Make) -> None:
    penalties = []
    for autocast in (False, True):
        judge = critic(discriminator(FrameSpace(2)), gamma=1.0, sigma=0.01, autocast=autocast)
        penalties.append(judge.learn(frames(0.5), frames(-0.5), 0.0)[0]["discriminator/penalty"])
    assert penalties[1] == pytest.approx(penalties[0], rel=1e-3)


SEEING = {
    "convolutional": lambda: ConvolutionalEncoder(4, widths=(2, 3), channels=3, highway=True),
    "multi_representation": lambda: MultiRepresentationEncoder(4, widths=(2, 3), channels=3, highway=True),
    "transformer": lambda: TransformerEncoder(4, hidden_dim=8, num_layers=1, num_heads=2),
}


@pytest.mark.parametrize("kind", SEEING)
def test_bfloat16_is_near_float32(discriminator: Make, kind: str) -> None:
    space, scores = TokenSpace(6), []
    real, fake = (SequenceBatch(torch.tensor([[3, 4, first], [5, 2, 0]]), torch.tensor([3, 2])) for first in (4, 5))
    torch.manual_seed(1)
    encoder = SEEING[kind]()
    for autocast in (False, True):
        judge = critic(discriminator(space, [copy.deepcopy(encoder)]), gamma=1.0, backend="exact", autocast=autocast)
        judge.learn(real, fake, 0.0)
        scores.append(judge.judge(real).scores.detach())
    torch.testing.assert_close(*scores, rtol=0.1, atol=0.05)


def test_the_generators_gradient_passes_and_the_weights_keep_theirs(discriminator: Make) -> None:
    network = discriminator(FrameSpace(2), with_dropout(0.5))
    frozen = network.encoders[0].forwards[0].bias_hh_l0.requires_grad_(False)
    judge, given = critic(network), frames(0.0)
    values = given.values.requires_grad_(True)
    judge.judge(SequenceBatch(values, given.lengths)).scores.sum().backward()
    assert values.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in network.parameters())
    assert [weight for weight in network.parameters() if not weight.requires_grad] == [frozen]


def test_it_judges_without_dropout_but_with_recurrence_in_training_mode(discriminator: Make) -> None:
    network = discriminator(FrameSpace(2), with_dropout(0.5))
    judge = critic(network)
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    assert torch.equal(*(judge.judge(frames(0.0)).scores for _ in range(2)))
    # cuDNN refuses a recurrent network's backward in evaluation mode.
    assert all(module.training for module in network.modules() if not isinstance(module, Dropout))
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    assert all(module.training for module in network.modules())


@pytest.mark.parametrize("backend", ["exact", "finite_difference"])
def test_spectral_norm_moves_once_a_step_and_not_while_judging(discriminator: Make, backend: str) -> None:
    network = discriminator(FrameSpace(2))
    add_spectral_norm(network)
    judge = critic(network, gamma=1.0, backend=backend, sigma=1e-3)
    estimates: list[torch.Tensor] = []

    def estimate() -> torch.Tensor:
        return network.heads[0].dense.parametrizations.weight[0]._u.clone()

    for _ in range(2):
        values, _ = judge.learn(frames(0.5), frames(-0.5), 0.0)
        estimates.append(estimate())
        assert torch.equal(*(judge.judge(frames(0.0)).scores for _ in range(2)))
        assert torch.equal(estimate(), estimates[-1])
    assert not torch.equal(*estimates)
    # An estimate that moved between the two ends of a difference would look like a slope of about 1 / sigma.
    assert values["discriminator/penalty"] < 10


def test_batches_of_two_lengths_are_joined(discriminator: Make) -> None:
    space = TokenSpace(6)
    judge = critic(discriminator(space), gamma=1.0)
    real = SequenceBatch(torch.tensor([[3, 4, 5, 2], [5, 2, 0, 0]]), torch.tensor([4, 2]))
    fake = SequenceBatch(torch.nn.functional.one_hot(torch.tensor([[4, 2], [2, 0]]), 6).float(), torch.tensor([2, 1]))
    expected = judge.judge(real).scores
    _, on_real = judge.learn(real, fake, 0.0)
    torch.testing.assert_close(on_real.scores, expected)
    assert not on_real.scores.requires_grad


def test_a_shift_moves_real_and_generated_alike(discriminator: Make) -> None:
    space, given = FrameSpace(2), frames(0.5, rows=2)
    judge = critic(discriminator(space), distortion=Distortion(max_shift=3))
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    original = judge.discriminator.judge

    def note(inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Any:
        seen.append((inputs, lengths))
        return original(inputs, lengths, labels)

    judge.discriminator.judge = note
    for _ in range(20):
        judge.learn(given, given, 0.0)
    assert {inputs.shape[1] for inputs, _ in seen} == {5, 6, 7, 8}
    for inputs, lengths in seen:
        shift = inputs.shape[1] - 5
        assert (lengths == 5 + shift).all()
        assert (inputs[:, :shift] == space.low).all()
        assert torch.equal(inputs[:, shift:], torch.cat([given.values, given.values]))


def noting(judge: Critic) -> list[torch.Tensor]:
    """Note what the discriminator of `judge` sees from now on."""
    seen: list[torch.Tensor] = []
    original = judge.discriminator.judge

    def note(inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Any:
        seen.append(inputs.detach())
        return original(inputs, lengths, labels)

    judge.discriminator.judge = note
    return seen


def test_instance_noise_falls_in_both_steps_and_leaves_padding(discriminator: Make) -> None:
    given = frames(0.5, rows=400)
    given.lengths[::2] = 3
    given.values[::2, 3:] = -1.0
    judge = critic(discriminator(FrameSpace(2)), distortion=Distortion(instance_noise=0.4))
    seen = noting(judge)
    for done, expected in ((0.0, 0.4), (0.75, 0.1), (1.0, 0.0)):
        judge.learn(given, given, done)
        judge.judge(given)
        by_learning, by_judging = seen[-2], seen[-1]
        added = by_learning - torch.cat([given.values, given.values]), by_judging - given.values
        for noise, mask in zip(added, (given.mask.repeat(2, 1), given.mask), strict=True):
            assert (noise[~mask] == 0).all()
            assert noise[mask].std().item() == pytest.approx(expected, rel=0.1)
        assert not expected or not torch.equal(by_learning[: len(given)], by_learning[len(given) :])


@pytest.mark.parametrize("backend", ["exact", "finite_difference"])
def test_penalties_are_those_of_what_is_seen(discriminator: Make, backend: str) -> None:
    augmentation = Augmentation(["shift", "crop"], target=None, probability=0.8, low=-1.0)
    distortion = Distortion(augmentation=augmentation, instance_noise=0.3)
    judge = critic(discriminator(FrameSpace(2)), gamma=1.0, backend=backend, sigma=1e-3, distortion=distortion)
    seen = noting(judge)
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    assert (seen[0] != torch.cat([frames(0.5).values, frames(-0.5).values])).float().mean() > 0.9
    torch.testing.assert_close(seen[1], seen[0], rtol=0, atol=0.01)


def test_augmentation_rises_against_a_sure_discriminator_and_falls_for_one_that_guesses(discriminator: Make) -> None:
    found = []
    for fake in (frames(-0.5), frames(0.5)):
        augmentation = Augmentation(["noise"], target=0.6, probability=0.2, low=-1.0)
        judge = critic(discriminator(FrameSpace(2)), distortion=Distortion(augmentation=augmentation))
        for _ in range(80):
            values, _ = judge.learn(frames(0.5), fake, 0.0)
        assert values["discriminator/augmentation"] == pytest.approx(augmentation.probability, abs=1e-3)
        found.append(augmentation.probability)
    # A running mean of the accuracy decides: it takes some steps to believe.
    assert found[0] > 0.2 > found[1] + 0.03


def test_a_discriminator_that_is_right_too_often_rests(discriminator: Make) -> None:
    judge = critic(discriminator(FrameSpace(2)), skip_above=0.8, gamma=0.1)
    for _ in range(80):
        values, _ = judge.learn(frames(0.5), frames(-0.5), 0.0)
    assert values["discriminator/skipped"] == 1
    assert "discriminator/gradient" not in values
    before, taken = copy.deepcopy(judge.discriminator.state_dict()), judge.num_steps
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    assert str(before) == str(judge.discriminator.state_dict())
    assert judge.num_steps == taken < 80
    # A generator that it cannot tell any more brings it back.
    for _ in range(20):
        values, _ = judge.learn(frames(0.5), frames(0.5), 0.0)
    assert values["discriminator/skipped"] == 0
    assert judge.num_steps > taken


def test_a_penalty_sees_the_windows_that_were_scored(discriminator: Make) -> None:
    window = RandomWindow(RecurrentEncoder(2, cell="gru", hidden_dim=5), 2)
    judge = critic(discriminator(FrameSpace(2), [window]), gamma=1.0)
    starts: list[torch.Tensor] = []
    window.start.register_forward_hook(lambda _, __, start: starts.append(start))
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    judge.learn(frames(0.5), frames(-0.5), 0.0)
    for _ in range(2):
        judge.judge(frames(0.5))
    first, replayed, second, again, third, fourth = starts
    assert torch.equal(first, replayed)
    assert torch.equal(second, again)
    # The generator is judged by random windows too.
    assert not torch.equal(first, second)
    assert not torch.equal(third, fourth)
    assert judge.dropout.blocks == 2
