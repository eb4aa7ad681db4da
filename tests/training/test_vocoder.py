"""The vocoder's phase teaches its networks in their turns, and a small one learns to copy tones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.prepare import prepare

MakeRecipe = Callable[..., Recipe]
Built = Callable[[Recipe, Corpus], tuple[dict[str, Any], Any]]


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten().clone() for parameter in network.parameters()])


def test_the_game_begins_after_the_first_rounds(tiny_vocoder: MakeRecipe, built: Built, tmp_path: Path) -> None:
    recipe = tiny_vocoder("vocoder.pretraining_steps=1")
    phases, average = built(recipe, prepare(recipe, tmp_path))
    phase = phases["vocoder"]
    first = weights(phase.discriminator), weights(average.network)
    alone = phase.step(0)
    assert torch.equal(weights(phase.discriminator), first[0])
    assert not torch.equal(weights(average.network), first[1])
    assert "vocoder/game" not in alone
    together = phase.step(1)
    assert not torch.equal(weights(phase.discriminator), first[0])
    assert {"vocoder/game", "vocoder/features", "discriminator/loss"} <= together.keys()
    assert all(parameter.requires_grad for parameter in phase.discriminator.parameters())


def test_the_loss_is_the_weighted_sum_of_its_parts(tiny_vocoder: MakeRecipe, built: Built, tmp_path: Path) -> None:
    counts = {"mel": 3.0, "stft": 2.0, "game": 0.5, "features": 0.25}
    keys = {"mel": "mel_weight", "stft": "stft_weight", "game": "game_weight", "features": "feature_matching"}
    recipe = tiny_vocoder("vocoder.pretraining_steps=0", *(f"vocoder.{keys[name]}={counts[name]}" for name in counts))
    phases, _ = built(recipe, prepare(recipe, tmp_path))
    values = phases["vocoder"].step(0)
    expected = sum(count * values[f"vocoder/{name}"] for name, count in counts.items())
    assert abs(values["vocoder/loss"] - expected) < 1e-4


def test_a_small_vocoder_learns_to_copy(tiny_vocoder: MakeRecipe, built: Built, tmp_path: Path) -> None:
    learn = ("vocoder.steps=120", "vocoder.pretraining_steps=120", "generator.hidden_dim=16")
    recipe = tiny_vocoder(*learn, "vocoder.optimizer={lr: 0.01, clip: 1000}")
    phases, _ = built(recipe, prepare(recipe, tmp_path))
    values = [phases["vocoder"].step(index) for index in range(120)]
    first, last = ({name: value[f"vocoder/{name}"] for name in ("mel", "stft")} for value in (values[0], values[-1]))
    assert last["mel"] < first["mel"] / 3
    assert last["stft"] < first["stft"] / 1.5
