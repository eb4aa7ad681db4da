"""Professor forcing (Lamb et al. 2016): free running is drawn towards what goes on under teacher forcing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.parts import without_dropout
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.hidden_critic import HiddenCritic

LEARNS_BELOW, TEACHES_ABOVE = 0.99, 0.75
"""The discriminator learns while its accuracy is below the first, and teaches while it is above the second (section
2.2 of the paper)."""


class Behaviour(Protocol):
    """What goes on inside one kind of generator: sequences of its hidden states, [B, S, `dim`].

    Attributes:
        dim: the size of a step of it.
    """

    dim: int

    def forced(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads the data."""
        ...

    def free(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads what it made itself, with the labels of `batch` and a gradient."""
        ...


class FrameBehaviour:
    """Hidden states and the frames made from them. The gradient flows through the frames that are fed back.

    A free run is as long as the real sequence beside it.

    Args:
        generator: the generator.
    """

    def __init__(self, generator: AutoregressiveFrameGenerator) -> None:
        self.generator = generator
        self.dim = generator.cell.hidden_dim + generator.step_dim

    def forced(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads the data."""
        steps = self.generator.as_steps(batch)
        hidden = self.generator.hidden(self.generator.shift_right(steps.values), batch.labels, draws)
        return self._of(hidden, steps)

    def free(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads its own frames."""
        generator, steps = self.generator, self.generator.as_steps(batch)
        state = generator.start(generator.draw_noise(draws, len(batch)), batch.labels)
        frames, states = generator.first_input(len(batch)), []
        for _ in range(steps.num_steps):
            hidden, state = generator.advance(frames, state, draws)
            frames = generator.frames(hidden)
            states.append(hidden)
        return self._of(torch.stack(states, dim=1), steps)

    def _of(self, hidden: torch.Tensor, steps: SequenceBatch) -> SequenceBatch:
        values = torch.cat([hidden, self.generator.frames(hidden)], dim=-1).float()
        return SequenceBatch(values, steps.lengths, steps.labels)


class TokenBehaviour:
    """Hidden states without dropout; tokens that were drawn carry no gradient.

    The states of a free run are those of one teacher-forced pass over what it drew, with the noise that it drew with.
    The paper's behaviour holds the distribution of the tokens too, which is as large as the vocabulary at every step
    and a function of the states.

    Args:
        generator: the generator, which takes no noise at single steps.
        max_length: steps after which a free run is cut.
    """

    def __init__(self, generator: TokenGenerator, max_length: int) -> None:
        self.generator, self.dim = generator, generator.head.in_features
        self._sampler = TokenSampler(generator, max_length)

    def forced(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads the data."""
        return self._read(batch, self.generator.draw_noise(draws, len(batch)))

    def free(self, batch: SequenceBatch, draws: Draws) -> SequenceBatch:
        """Return it when the generator reads its own tokens."""
        # A stream of its own: how many numbers are drawn hangs on the longest sequence of this process.
        own = draws.fork()
        noise = self.generator.draw_noise(own, len(batch))
        with torch.autocast(noise.device.type, enabled=False):
            drawn = self._sampler.sample_from(noise, batch.labels, own)
        return self._read(drawn, noise)

    def _read(self, batch: SequenceBatch, noise: torch.Tensor) -> SequenceBatch:
        with without_dropout(self.generator):
            hidden = self.generator.outputs(shift_right(batch, self.generator.space.start), batch.labels, noise)
        return SequenceBatch(hidden.float(), batch.lengths, batch.labels)


class ProfessorForcing:
    """A discriminator tells free running from teacher forcing, and the generator wants its free runs to pass.

    Args:
        behaviour: what the discriminator sees.
        critic: the discriminator's side; it rests from an accuracy of `LEARNS_BELOW` on.
        weight: weight of the generator's share.
        autocast: whether the generator runs in bfloat16.
    """

    def __init__(self, behaviour: Behaviour, critic: HiddenCritic, *, weight: float, autocast: bool) -> None:
        self.behaviour, self.critic, self.weight, self.autocast = behaviour, critic, weight, autocast
        self.parts: Mapping[str, Stateful] = {
            "professor": critic.discriminator,
            "professor_dropout": critic.dropout,
            "professor_optimizer": critic.descent,
        }

    def loss(self, batch: SequenceBatch, draws: Draws, done: float) -> tuple[torch.Tensor | float, dict[str, float]]:
        """Let the discriminator learn, and return what the generator minimises beside its own loss.

        That is 0 while the discriminator is not sure enough to teach.

        Args:
            batch: real sequences.
            draws: the generator's noise.
            done: the share of the phase that is behind.
        """
        with torch.autocast(batch.values.device.type, torch.bfloat16, enabled=self.autocast):
            with torch.no_grad():
                forced = self.behaviour.forced(batch, draws)
            free = self.behaviour.free(batch, draws)
        values = self.critic.learn(forced, [free.detach()], done)
        if values["discriminator/accuracy"] <= TEACHES_ABOVE:
            return 0.0, values
        return self.weight * self.critic.fooled([free]), values
