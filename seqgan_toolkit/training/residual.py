"""The residual phase: a discriminator learns what a finished generator still gets wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.energy import ResidualEnergy, Scorer, sequence_scores
from seqgan_toolkit.objectives.calibration import calibrate
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.critic import Critic


class BestEnergy:
    """The energy at the largest gain so far, which is the phase's result.

    Args:
        energy: holds its weights; at first it tilts nothing.
    """

    def __init__(self, energy: ResidualEnergy) -> None:
        self.energy, self.gain = energy.eval().requires_grad_(False), 0.0

    def consider(self, discriminator: Scorer, beta: float, gain: float) -> None:
        """Keep the discriminator's weights and its beta where they gain more than what is kept."""
        if gain > self.gain:
            self.gain = gain
            self.energy.discriminator.load_state_dict(discriminator.state_dict())
            self.energy.beta.fill_(beta)

    def state_dict(self) -> dict[str, Any]:
        """Return the energy and its gain."""
        return {"energy": self.energy.state_dict(), "gain": self.gain}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.energy.load_state_dict(state["energy"])
        self.gain = state["gain"]


class HeldOut:
    """Held-out sequences and as many samples of a frozen generator, the same ones at every look.

    Args:
        real: held-out sequences.
        sampler: runs the generator; nothing is drawn before the first look, when the generator is done.
        draws: a stream of its own, which every process draws alike.
        num_generated: how many samples.
    """

    def __init__(self, real: SequenceBatch, sampler: Sampler, draws: Draws, num_generated: int) -> None:
        self.real, self.sampler, self.draws, self.num_generated = real, sampler, draws, num_generated
        self._generated: SequenceBatch | None = None

    @property
    def generated(self) -> SequenceBatch:
        """The samples."""
        if self._generated is None:
            self._generated = self.sampler.sample(None, self.num_generated, self.draws)
        return self._generated


class ResidualTraining:
    """Real against generated sequences, the generator at rest (Deng et al. 2020).

    Cross-entropy goes on falling when the scores no longer help: every so often the energy is calibrated on held-out
    sequences, and the weights of the largest gain are kept.

    Args:
        critic: the discriminator's side, with the loss whose best score is log p / G.
        best: keeps the best energy.
        embedding: what the generator gives the discriminator's token embedding, [V, E], or None.
        sampler: runs the generator.
        loader: batches of real sequences.
        held_out: what the energy is calibrated on.
        draws: the noise of the generator.
        steps: how many steps the phase has.
        calibrate_every: steps between two looks at the gain.
        device: where the networks are.
    """

    name = "residual"

    def __init__(
        self,
        *,
        critic: Critic,
        best: BestEnergy,
        embedding: torch.Tensor | None,
        sampler: Sampler,
        loader: Loader,
        held_out: HeldOut,
        draws: Draws,
        steps: int,
        calibrate_every: int,
        device: torch.device,
    ) -> None:
        self.critic, self.best, self.embedding, self.sampler = critic, best, embedding, sampler
        self.loader, self.held_out, self.draws, self.device = loader, held_out, draws, device
        self.steps, self.calibrate_every = steps, calibrate_every
        self.parts: Mapping[str, Stateful] = {
            "discriminator": critic.discriminator,
            "discriminator_optimizer": critic.descent,
            "critic": critic,
            "critic_draws": critic.draws,
            "dropout": critic.dropout,
            "best": best,
            "loader": loader,
            "noise": draws,
        }

    def begin(self) -> None:
        """Give the discriminator the generator's embedding, where it is asked for."""
        table = self.critic.discriminator.embedding
        if self.embedding is not None and table is not None:
            with torch.no_grad():
                table.weight.copy_(self.embedding)

    def step(self, index: int) -> dict[str, float]:
        """Take one step of the discriminator, and look at the gain where it is time."""
        real = self.loader.next().to(self.device)
        # The sampler stops drawing when its sequences have ended, and that differs between processes.
        fake = self.sampler.sample(real.labels, len(real), self.draws.fork())
        values, _ = self.critic.learn(real, fake, index / self.steps)
        if (index + 1) % self.calibrate_every == 0 or index + 1 == self.steps:
            values |= self._calibrate()
        return values

    def _calibrate(self) -> dict[str, float]:
        batches = (self.held_out.real.to(self.device), self.held_out.generated)
        found = calibrate(*(sequence_scores(self.critic.judge, batch) for batch in batches))
        self.best.consider(self.critic.discriminator, found.beta, found.gain)
        return {"residual/beta": found.beta, "residual/gain": found.gain, "residual/best_gain": self.best.gain}
