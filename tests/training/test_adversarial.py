"""A round of the game touches each network as often as it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.phases import make_state
from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.training import monitor
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.phase import Phase


def phases(recipe: Recipe, folder: Path) -> tuple[dict[str, Phase], torch.nn.Module]:
    corpus = prepare(recipe, folder / "run")
    state, _ = make_state(Workshop(recipe, corpus, DataFacts.of(corpus), torch.device("cpu"), Ranks()))
    generator = state.parts["generator"]
    assert isinstance(generator, torch.nn.Module)
    return {phase.name: phase for phase in state.phases}, generator


def test_a_gradient_reaches_the_generator_in_its_own_step_alone(
    tiny_text: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = tiny_text("adversarial.discriminator_steps=3", "adversarial.anchor_weight=0")
    by_name, generator = phases(recipe, tmp_path)
    reached: Counter[str] = Counter()
    for name, parameter in generator.named_parameters():
        parameter.register_hook(lambda gradient, name=name: reached.update([name]))
    by_name["discriminator_pretraining"].begin()
    by_name["discriminator_pretraining"].step(0)
    assert not reached, "the discriminator's step went back through the generator"
    by_name["adversarial"].begin()
    by_name["adversarial"].step(0)
    assert set(reached) == {name for name, _ in generator.named_parameters()}
    assert set(reached.values()) == {1}


def test_the_half_life_of_the_average_rises(tiny_rows: Callable[..., Recipe], tmp_path: Path) -> None:
    by_name, _ = phases(tiny_rows("adversarial.steps=8", "adversarial.ema_ramp=0.5"), tmp_path)
    training, half_lives = by_name["adversarial"], []
    training.average.update = half_lives.append
    for step in (0, 1, 2, 4, 7):
        training.step(step)
    assert half_lives == pytest.approx([0.0, (1 - 0.5**0.5) / 2, 0.5, 1.0, 1.0])


def test_a_generator_that_collapses_is_spoken_of(
    tiny_rows: Callable[..., Recipe],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_name, _ = phases(tiny_rows("adversarial.steps=50"), tmp_path)
    training = by_name["adversarial"]

    def one_sequence(real: SequenceBatch, done: float, *, gradient: bool) -> SequenceBatch:
        return SequenceBatch(
            real.values[:1].repeat(len(real), 1, 1).requires_grad_(gradient), real.lengths, real.labels
        )

    monkeypatch.setattr(training.game, "fake", one_sequence)
    monkeypatch.setattr(monitor, "PATIENCE", 20)
    values = [training.step(step) for step in range(25)]
    assert values[20]["generated/spread"] < 1e-3
    message = capsys.readouterr().err.splitlines()[-1]
    assert "generated sequences are alike, their mean distance 0.00 of that of real ones, since step 1:" in message
