"""Each phase of TimeGAN teaches its own networks, and together they learn the waves of a tiny corpus."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.training.phase import Phase
from seqgan_toolkit.training.timegan import JointTraining

MakeRecipe = Callable[..., Recipe]
Built = Callable[[Recipe, Corpus], tuple[dict[str, Any], Any]]


def changed(phase: Phase, network: torch.nn.Module) -> set[str]:
    """Return the parts of `network` that a step changes."""
    before = {name: parameter.clone() for name, parameter in network.named_parameters()}
    phase.step(0)
    return {
        name.partition(".")[0] for name, value in network.named_parameters() if not torch.equal(value, before[name])
    }


def test_each_phase_teaches_its_own_networks(tiny_timegan: MakeRecipe, built: Built, tmp_path: Path) -> None:
    recipe = tiny_timegan()
    phases, average = built(recipe, prepare(recipe, tmp_path))
    assert changed(phases["autoencoding"], average.network) == {"embedder", "recovery"}
    assert changed(phases["supervising"], average.network) == {"supervisor"}
    everything = {"embedder", "recovery", "generator", "supervisor"}
    assert changed(phases["timegan"], average.network) == everything


def test_the_discriminator_rests_while_its_loss_is_small(
    tiny_timegan: MakeRecipe, built: Built, tmp_path: Path
) -> None:
    recipe = tiny_timegan("timegan.discriminator_floor=100")
    phases, _ = built(recipe, prepare(recipe, tmp_path))
    joint = phases["timegan"]
    assert isinstance(joint, JointTraining)
    assert changed(joint, joint.critic.discriminator) == set()
    assert joint.step(1)["discriminator/learns"] == 0
    joint.critic.rests = lambda loss, accuracy: False
    assert changed(joint, joint.critic.discriminator)


def test_the_generator_does_not_teach_the_networks_beside_it(
    tiny_timegan: MakeRecipe, built: Built, tmp_path: Path
) -> None:
    recipe = tiny_timegan()
    phases, average = built(recipe, prepare(recipe, tmp_path))
    joint = phases["timegan"]
    joint._teach_generator(joint.lessons.real(), 0.0)
    reached = {name.partition(".")[0] for name, part in average.network.named_parameters() if part.grad is not None}
    assert reached == {"generator", "supervisor"}
    assert all(part.grad is None for part in joint.critic.discriminator.parameters())


def waves(folder: Path, num: int = 600, steps: int = 8) -> Corpus:
    """Write sines of random frequency and phase."""
    draws = Draws(1, "waves")
    rates, phases = 0.8 + 0.8 * draws.uniform(num, 1, 1), 2 * math.pi * draws.uniform(num, 1, 1)
    with CorpusWriter(folder, FrameSpace(1)) as writer:
        for series in torch.sin(rates * torch.arange(steps)[:, None] + phases):
            writer.add("train", series.numpy())
        return writer.close(domain={})


def autocorrelation(values: torch.Tensor, lags: int = 4) -> torch.Tensor:
    """Return the correlation [lags] of steps that are 1 to `lags` apart, over all sequences [N, T, F]."""
    values = values - values.mean(0)
    covariances = torch.stack([(values[:, lag:] * values[:, :-lag]).mean() for lag in range(1, lags + 1)])
    return covariances / values.square().mean()


def test_it_learns_the_waves(tiny_timegan: MakeRecipe, built: Built, tmp_path: Path) -> None:
    corpus = waves(tmp_path)
    phases, average = built(
        tiny_timegan(
            "timegan={autoencoding_steps: 200, supervising_steps: 60, steps: 200, batch_size: 32}",
            "generator={kind: timegan, hidden_dim: 12, num_layers: 1, noise_dim: 2}",
            "discriminator.encoders.0.hidden_dim=16",
            "ema=0.9",
            *[f"timegan.{name}_optimizer.lr=1e-2" for name in ("autoencoder", "generator", "discriminator")],
        ),
        corpus,
    )
    real = autocorrelation(corpus.splits["train"].head(600).values)

    def distance() -> float:
        fake: SequenceBatch = average.averaged(None, 600, Draws(1, "samples"))
        return float((autocorrelation(fake.values) - real).abs().mean())

    untrained, logged = distance(), {}
    for phase in phases.values():
        phase.begin()
        for index in range(phase.steps):
            logged |= phase.step(index)
    # A constant is off by .35, the standard deviation of a sine between 0 and 1, and so is what follows it.
    assert logged["autoencoding/loss"] < 0.06
    assert logged["supervising/loss"] < 0.15
    assert distance() < untrained / 2
