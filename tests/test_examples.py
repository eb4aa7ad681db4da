"""The examples run, and the one-file GAN for teaching plays the same game as the real loop."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import soundfile
import torch

import seqgan_toolkit as sg
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import CellKind, RecurrentCell
from seqgan_toolkit.models.discriminator import Verdict
from seqgan_toolkit.objectives.estimators.base import Turn, differentiable_loss
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.objectives.penalties import exact_penalty
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.training.adversarial import AdversarialTraining, Game
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.penalty import PenaltySettings

EXAMPLES = Path(__file__).parent.parent / "examples"
GAMMA = 1.0


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def teaching() -> ModuleType:
    return load("teaching_gan")


def test_sentences_are_generated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate_sentences = load("generate_sentences")
    generate_sentences.main(["--steps", "2", "--out", str(tmp_path / "run")])
    trained = capsys.readouterr().out
    assert len(trained.splitlines()) == 16
    generate_sentences.main(["--run", str(tmp_path / "run")])
    assert capsys.readouterr().out == trained, "the same seed from a finished run"


def test_own_text(sentences: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load("own_text").main([str(sentences), "--steps", "10", "--out", str(tmp_path / "run")])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["teacher_forced:", "adversarial:"]
    assert len(lines) == 2 + 2 * 16
    known = set(sentences.read_text(encoding="utf-8").replace(".", " ").lower().split())
    words = {word for line in lines if line.startswith(" ") for word in line.replace(".", " ").lower().split()}
    assert words <= {*known, "<unk>"}


def test_own_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load("own_images").main(["--steps", "2", "--out", str(tmp_path)])
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in paths] == [f"image-{index:04d}.png" for index in range(20)] + [
        "grid.png",
        "samples.json",
    ]
    assert all(path.stat().st_size > 0 for path in paths)


def test_own_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load("own_csv").main(["--steps", "2", "--out", str(tmp_path)])
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in paths] == ["series.csv", "series.png", "stitched.csv", "samples.json"]
    windows, stitched = (paths[index].read_text(encoding="utf-8").splitlines() for index in (0, 2))
    assert windows[0] == stitched[0] == "series,step,temperature_c,humidity_percent"
    assert (len(windows), len(stitched)) == (1 + 20 * 24, 1 + 20 * 18 + 6)
    temperature, humidity = windows[1].split(",")[2:]
    assert 5 < float(temperature) < 30
    assert 30 < int(humidity) < 100


def test_exported_clip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = {"data.num_clips": 48, "generator.hidden_dim": 8, "adversarial.steps": 1, "device": "cpu"}
    run = sg.train("audio_lstm", overrides=small, out=tmp_path / "run")
    model = sg.export(run.directory, tmp_path / "notes.zip")
    capsys.readouterr()
    load("exported_clip").main([str(model), "--label", "midi-69", "--out", str(tmp_path / "clip")])
    clip = Path(capsys.readouterr().out.strip())
    samples, rate = soundfile.read(clip)
    assert rate == 8000
    assert 0.2 < len(samples) / rate < 1


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_teaching_gan_runs(teaching: ModuleType, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.main(["--cell", cell, "--steps", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("round     2   discriminator")
    assert len(lines) == 1 + 2 * (8 + 1)


def test_the_teaching_gan_is_short() -> None:
    assert len((EXAMPLES / "teaching_gan.py").read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_written_out_cells_equal_the_real_ones(teaching: ModuleType, cell: CellKind) -> None:
    torch.manual_seed(1)
    real, written_out = RecurrentCell(cell, 5, 7), teaching.CELLS[cell](5, 7)
    names = {"from_input.weight": "weight_ih_l0", "from_input.bias": "bias_ih_l0"}
    names |= {"from_state.weight": "weight_hh_l0", "from_state.bias": "bias_hh_l0"}
    written_out.load_state_dict({name: real.network.state_dict()[other] for name, other in names.items()})
    inputs = torch.randn(4, 9, 5)
    expected, _ = real.scan(inputs, real.zero_state(4))
    torch.testing.assert_close(teaching.unroll(written_out, inputs), expected, rtol=0, atol=1e-6)


def test_the_losses_and_the_penalty_equal_the_real_ones(teaching: ModuleType) -> None:
    torch.manual_seed(2)
    real, fake = verdict(torch.randn(6)), verdict(torch.randn(6))
    game = LOSSES["relativistic_pairing"]
    for mine, theirs in ((teaching.discriminator_loss, game.discriminator), (teaching.generator_loss, game.generator)):
        torch.testing.assert_close(mine(real.scores[:, 0], fake.scores[:, 0]), theirs(real, fake))
    discriminator, rows, labels = teaching.Discriminator(), torch.randn(6, 8, 8), torch.arange(6)
    expected = exact_penalty(
        lambda inputs: verdict(discriminator(inputs, labels)), rows, torch.ones(6, 8, dtype=torch.bool), GAMMA
    )
    torch.testing.assert_close(teaching.gradient_penalty(discriminator, rows, labels, GAMMA), expected)


def verdict(scores: torch.Tensor) -> Verdict:
    return Verdict(scores[:, None], torch.ones(len(scores), 1, dtype=torch.bool), scores[:, None])


class Judge(torch.nn.Module):
    """The discriminator for teaching, as the real critic asks for one."""

    padding = -1.0

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def embed(self, values: torch.Tensor) -> torch.Tensor:
        return values

    def judge(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor | None) -> Verdict:
        return verdict(self.network(inputs, labels))


class OneBatch:
    """A loader and an estimator in one: the same real batch, and sequences made from the same noise."""

    parts: Mapping[str, Any] = {}

    def __init__(self, real: SequenceBatch, generator: torch.nn.Module, noise: torch.Tensor) -> None:
        self.real, self.generator, self.noise = real, generator, noise

    def next(self) -> SequenceBatch:
        return self.real

    def sample(
        self, labels: torch.Tensor | None, rows: int, draws: Draws, done: float, *, gradient: bool
    ) -> SequenceBatch:
        return SequenceBatch(self.generator(self.noise, labels), self.real.lengths, labels)

    def loss(self, fake: SequenceBatch, turn: Turn) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return differentiable_loss(fake, turn)


def test_a_round_equals_one_of_the_real_loop(teaching: ModuleType) -> None:
    torch.manual_seed(3)
    generator, discriminator = teaching.Generator("lstm"), teaching.Discriminator()
    images, classes = teaching.load_digits()
    real, labels, noise = images[:16], classes[:16], torch.randn(16, teaching.NOISE_DIM)
    same_generator, same_discriminator = copy.deepcopy(generator), copy.deepcopy(discriminator)

    optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.0, 0.99)) for net in (generator, discriminator)]
    losses = teaching.play_round(generator, discriminator, *optimizers, real, labels, noise, gamma=4 * GAMMA)

    phase = real_phase(same_generator, same_discriminator, real, labels, noise)
    values = phase.step(0)

    assert losses == pytest.approx((values["discriminator/loss"], values["generator/loss"]), abs=1e-5)
    for mine, theirs in ((generator, same_generator), (discriminator, same_discriminator)):
        for (name, weight), expected in zip(mine.named_parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(weight, expected, rtol=0, atol=1e-5, msg=lambda text, name=name: name + text)


def real_phase(
    generator: Any, discriminator: Any, real: torch.Tensor, labels: torch.Tensor, noise: torch.Tensor
) -> AdversarialTraining:
    settings: Any = {"lr": 1e-3, "betas": (0.0, 0.99), "weight_decay": 0.0, "clip": 1e6, "ranks": Ranks()}
    settings |= {"decay_from": 1.0, "final_lr": 1.0}
    judge: Any = Judge(discriminator)
    once: Any = OneBatch(SequenceBatch(real, torch.full((len(real),), 8), labels), generator, noise)
    critic = Critic(
        judge,
        Descent(judge, **settings),
        LOSSES["relativistic_pairing"],
        PenaltySettings(GAMMA, every=4, backend="exact", sigma=0.1),
        dropout=Draws(0, "dropout"),
        draws=Draws(0, "critic"),
        autocast=False,
    )
    game = Game(
        generator=generator,
        estimator=once,
        critic=critic,
        loader=once,
        draws=Draws(0, "noise"),
        device=torch.device("cpu"),
        autocast=False,
    )
    return AdversarialTraining(
        game,
        descent=Descent(generator, **settings),
        average=MovingAverage(generator, copy.deepcopy(generator), 0.9),
        steps=10,
        discriminator_steps=1,
        anchor=None,
        anchor_weight=0.0,
        anchor_loader=None,
    )
