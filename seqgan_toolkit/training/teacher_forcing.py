"""Teacher forcing: the generator learns the next step from the data's own prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch.nn import functional

from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.backward import BackwardGenerator, from_the_end
from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator, shift_right
from seqgan_toolkit.objectives.cross_entropy import summed_cross_entropy
from seqgan_toolkit.objectives.goals import manager_loss
from seqgan_toolkit.sampling.tokens import choose, forbid
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stateful import Stateful
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.professor_forcing import ProfessorForcing


class Teacher(Protocol):
    """The teacher-forced loss of one kind of generator."""

    def loss(self, batch: SequenceBatch, draws: Draws, own_share: float) -> torch.Tensor:
        """Return the loss on `batch`, when a share of the inputs is taken from the generator itself."""
        ...


class TokenTeacher:
    """Cross-entropy of the next token, in nats per token.

    Scheduled sampling (Bengio et al. 2015) is done in parallel over time (Duckworth et al. 2019): a first pass draws a
    token at every step, and the second reads it in place of the data's at a share of the steps.

    Args:
        generator: the generator.
        mean_length: tokens of a training sequence, on average. The sum over a batch is divided by what a batch holds on
            average and not by what it holds, since batches are made of sequences of one length: a mean over each
            would count the tokens of short sequences more.
    """

    def __init__(self, generator: TokenGenerator, mean_length: float) -> None:
        self.generator, self.mean_length = generator, mean_length

    def loss(self, batch: SequenceBatch, draws: Draws, own_share: float) -> torch.Tensor:
        """Return the cross-entropy of hard tokens [B, T], over the number of tokens of an average batch."""
        space = self.generator.space
        inputs = shift_right(batch, space.start)
        if own_share > 0:
            inputs = self._mix(batch, inputs, draws.fork(), own_share)
        # Steps of padding are left out before the head: it is the largest product of the step.
        kept = batch.mask
        hidden = self.generator.hidden(batch, inputs, draws)[kept]
        total = summed_cross_entropy(hidden, self.generator.head, batch.values[kept])
        return total / (len(batch) * self.mean_length)

    @torch.no_grad()
    def _mix(self, batch: SequenceBatch, inputs: torch.Tensor, draws: Draws, own_share: float) -> torch.Tensor:
        space = self.generator.space
        logits = self.generator(batch, inputs, draws).float()
        drawn = choose(forbid(logits.flatten(0, 1), space), draws, 1.0)
        own = shift_right(SequenceBatch(drawn.view_as(inputs), batch.lengths), space.start)
        swap = draws.uniform(*inputs.shape) < own_share
        swap[:, 0] = False
        return torch.where(swap, own, inputs)


class ManagerWorkerTeacher:
    """The worker's cross-entropy, and -cos(f_{t+c} - f_t, g_t) of the manager's goals (LeakGAN, Guo et al. 2018).

    Args:
        generator: the generator.
        mean_length: tokens of a training sequence, on average; see `TokenTeacher`.
    """

    def __init__(self, generator: ManagerWorkerGenerator, mean_length: float) -> None:
        self.generator, self.mean_length = generator, mean_length
        self.worker = TokenTeacher(generator, mean_length)

    def loss(self, batch: SequenceBatch, draws: Draws, own_share: float) -> torch.Tensor:
        """Return the sum of both losses on hard tokens [B, T], over the number of tokens of an average batch."""
        manager = manager_loss(self.generator, batch).mean() / self.mean_length
        return self.worker.loss(batch, draws, own_share) + manager


class BackwardTeacher:
    """Cross-entropy of the token before, read from the end.

    Args:
        generator: the generator.
        mean_length: tokens of a training sequence, on average; see `TokenTeacher`.
    """

    def __init__(self, generator: BackwardGenerator, mean_length: float) -> None:
        self.end, self.teacher = generator.space.end, TokenTeacher(generator.reader, mean_length)

    def loss(self, batch: SequenceBatch, draws: Draws, own_share: float) -> torch.Tensor:
        """Return that of hard tokens [B, T] in their reading order, over the number of tokens of an average batch."""
        return self.teacher.loss(from_the_end(batch, self.end), draws, own_share)


class FrameTeacher:
    """L1 + L2 on the next frames, and the cross-entropy of the stop probability.

    Args:
        generator: the generator.
        ranks: the processes that share a batch.
        stop_weight: weight of the stop loss.
    """

    def __init__(self, generator: AutoregressiveFrameGenerator, ranks: Ranks, stop_weight: float) -> None:
        self.generator, self.ranks, self.stop_weight = generator, ranks, stop_weight

    def loss(self, batch: SequenceBatch, draws: Draws, own_share: float) -> torch.Tensor:
        """Return the loss on frames [B, T, F]."""
        generator = self.generator
        target = generator.as_steps(batch)
        inputs = generator.shift_right(target.values)
        if own_share > 0:
            inputs = self._mix(inputs, batch.labels, draws, own_share)
        frames, stops = generator(inputs, batch.labels, draws)
        mask = target.mask
        share = self.ranks.mean(mask.sum().float())
        error = (frames - target.values).float()
        regression: torch.Tensor = ((error.abs() + error.square()).mean(-1) * mask).sum() / share
        last = torch.arange(target.num_steps, device=mask.device) == target.lengths[:, None] - 1
        stop = functional.binary_cross_entropy_with_logits(stops.float(), last.float(), reduction="none")
        return regression + self.stop_weight * (stop * mask).sum() / share

    @torch.no_grad()
    def _mix(self, inputs: torch.Tensor, labels: torch.Tensor | None, draws: Draws, own_share: float) -> torch.Tensor:
        frames, _ = self.generator(inputs, labels, draws)
        own = torch.cat([inputs[:, :1], frames[:, :-1].to(inputs.dtype)], dim=1)
        swap = draws.uniform(*inputs.shape[:2]) < own_share
        return torch.where(swap[..., None], own, inputs)


class TeacherForcing:
    """The phase of teacher forcing.

    Args:
        teacher: the loss of the generator's kind.
        generator: the generator.
        descent: its optimiser.
        average: the moving average of its weights.
        loader: batches of the training split.
        draws: the noise of the generator.
        steps: how many steps the phase has.
        own_share: the share of inputs taken from the generator by the end of the phase.
        professor: what draws free running towards teacher forcing, or None.
        device: where the networks are.
        autocast: whether the networks run in bfloat16.
        name: of the phase.
    """

    def __init__(
        self,
        *,
        teacher: Teacher,
        generator: torch.nn.Module,
        descent: Descent,
        average: MovingAverage,
        loader: Loader,
        draws: Draws,
        steps: int,
        own_share: float,
        professor: ProfessorForcing | None,
        device: torch.device,
        autocast: bool,
        name: str = "teacher_forcing",
    ) -> None:
        self.name = name
        self.teacher, self.generator, self.descent, self.average = teacher, generator, descent, average
        self.loader, self.draws, self.steps, self.own_share = loader, draws, steps, own_share
        self.professor, self.device, self.autocast = professor, device, autocast
        self.parts: Mapping[str, Stateful] = {
            "optimizer": descent,
            "loader": loader,
            "noise": draws,
            **(professor.parts if professor else {}),
        }

    def begin(self) -> None:
        """Nothing to prepare."""

    def step(self, index: int) -> dict[str, float]:
        """Take one step on one batch."""
        done = index / self.steps
        self.generator.train()
        batch = self.loader.next().to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            loss = self.teacher.loss(batch, self.draws, self.own_share * done)
        fooling, more = self.professor.loss(batch, self.draws, done) if self.professor else (0.0, {})
        value, norm = self.descent.step(loss + fooling, self.name, done)
        self.average.update()
        return {f"{self.name}/loss": value, f"{self.name}/gradient": norm, **more}
