"""The cooperative phase: generator and mediator, both by likelihood (Lu et al. 2019, "CoT")."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.tokens import forbid
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.teacher_forcing import TokenTeacher


def stepwise_divergence(
    generator: TokenGenerator, mediator: TokenGenerator, batch: SequenceBatch, draws: Draws
) -> torch.Tensor:
    """Return the mean over sequences of the sum over steps of KL(G_t || M_t), in nats.

    It is analytic over the vocabulary at every prefix of `batch`; the prefixes carry no gradient (equation 10). Its
    expectation over prefixes of the generator is KL(G || M), whose gradient it misses where a token changes what
    comes after it.

    Args:
        generator: takes the gradient.
        mediator: takes none.
        batch: hard tokens [B, T] drawn from the generator.
        draws: the noise of both.
    """
    kept, space = batch.mask, generator.space
    inputs = shift_right(batch, space.start)
    with torch.no_grad():
        mediated = forbid(mediator(batch, inputs, draws)[kept], space).float().log_softmax(-1)
    own = forbid(generator(batch, inputs, draws)[kept], space).float().log_softmax(-1)
    shares = own.exp()
    # Where padding and start have no probability, 0 times the difference of two infinities would be no number.
    difference = torch.where(shares > 0, own - mediated, 0.0)
    return (shares * difference).sum() / len(batch)


class CooperativeTraining:
    """A mediator learns the even mixture of data and generator, and the generator moves towards the mediator.

    The mediator maximises the likelihood of half real, half generated sequences; the generator minimises
    `stepwise_divergence` on fresh samples. There is no discriminator, and no pretraining is needed.

    Args:
        generator: the generator.
        mediator: a token generator of its own.
        teacher: the mediator's likelihood.
        sampler: runs the generator.
        generator_descent: the generator's optimiser.
        mediator_descent: the mediator's optimiser.
        mediator_dropout: the stream of the mediator's dropout masks.
        average: the moving average of the generator's weights.
        loader: batches of real sequences.
        draws: all noise.
        steps: how many generator steps the phase has.
        mediator_steps: steps of the mediator before each of them.
        device: where the networks are.
        autocast: whether the networks run in bfloat16.
    """

    name = "cooperative"

    def __init__(
        self,
        *,
        generator: TokenGenerator,
        mediator: TokenGenerator,
        teacher: TokenTeacher,
        sampler: Sampler,
        generator_descent: Descent,
        mediator_descent: Descent,
        mediator_dropout: Draws,
        average: MovingAverage,
        loader: Loader,
        draws: Draws,
        steps: int,
        mediator_steps: int,
        device: torch.device,
        autocast: bool,
    ) -> None:
        self.generator, self.mediator, self.teacher, self.sampler = generator, mediator, teacher, sampler
        self.generator_descent, self.mediator_descent, self.average = generator_descent, mediator_descent, average
        self.loader, self.draws, self.steps, self.mediator_steps = loader, draws, steps, mediator_steps
        self.device, self.autocast = device, autocast
        self.parts: Mapping[str, Stateful] = {
            "mediator": mediator,
            "mediator_optimizer": mediator_descent,
            "mediator_dropout": mediator_dropout,
            "generator_optimizer": generator_descent,
            "loader": loader,
            "noise": draws,
        }

    def begin(self) -> None:
        """Let the generator go on from the moving average of the phase before."""
        self.average.restart()

    def step(self, index: int) -> dict[str, float]:
        """Take the mediator's steps and one of the generator."""
        done = index / self.steps
        self.generator.train()
        for _ in range(self.mediator_steps):
            real = self.loader.next().to(self.device)
            mediator_loss = self._teach_mediator(real, done)
        self.mediator.eval()
        with self._autocast():
            divergence = stepwise_divergence(self.generator, self.mediator, self._fake(real), self.draws)
        # In nats per token, as the mediator's loss.
        loss = divergence / self.teacher.mean_length
        value, norm = self.generator_descent.step(loss, "generator", done)
        self.average.update()
        return {"mediator/loss": mediator_loss, "generator/loss": value, "generator/gradient": norm}

    def _teach_mediator(self, real: SequenceBatch, done: float) -> float:
        self.mediator.train()
        with self._autocast():
            losses = [self.teacher.loss(batch, self.draws, 0.0) for batch in (real, self._fake(real))]
        return self.mediator_descent.step((losses[0] + losses[1]) / 2, "mediator", done)[0]

    def _fake(self, like: SequenceBatch) -> SequenceBatch:
        # The sampler stops drawing when its sequences have ended, and that differs between processes.
        return self.sampler.sample(like.labels, len(like), self.draws.fork())

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast)
