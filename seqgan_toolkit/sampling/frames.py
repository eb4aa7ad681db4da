"""The engines for frames; their samples carry the gradient of the generator, for the path-wise estimator."""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch, length_mask


class FrameSampler:
    """Runs a generator that makes the whole sequence in one call.

    Args:
        generator: the generator.
    """

    def __init__(self, generator: FrameGenerator | TimeGANGenerator) -> None:
        self.generator = generator

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw frames [rows, T, F]; the temperature scales its noise."""
        batch: SequenceBatch = self.generator(labels, rows, draws, strategy.noise_scale())
        return batch


class AutoregressiveFrameSampler:
    """Runs a generator that feeds its frames back, until its stop probability says so.

    Args:
        generator: the generator.
    """

    def __init__(self, generator: AutoregressiveFrameGenerator) -> None:
        self.generator = generator

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw frames [rows, T, F]; the temperature scales the noise of a sequence."""
        generator = self.generator
        frames, stops = run_steps(generator, labels, rows, draws, strategy.noise_scale(), generator.max_steps)
        values = frames[:, : generator.max_length]
        lengths = self._lengths(stops.detach(), draws)
        mask = length_mask(lengths, values.shape[1])[..., None]
        return SequenceBatch(torch.where(mask, values, generator.space.low), lengths, labels)

    def _lengths(self, stops: torch.Tensor, draws: Draws) -> torch.Tensor:
        generator = self.generator
        rows, steps = stops.shape
        if generator.fixed_length:
            return torch.full((rows,), generator.max_length, device=stops.device)
        stopped = draws.uniform(rows, steps) < stops.sigmoid()
        stopped[:, -1] = True
        first = stopped.int().argmax(dim=1)
        return ((first + 1) * generator.frames_per_step).clamp(max=generator.max_length)


def run_steps(
    generator: AutoregressiveFrameGenerator,
    labels: torch.Tensor | None,
    rows: int,
    draws: Draws,
    scale: float,
    num_steps: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run a generator that feeds its frames back for a number of steps, whatever its stop says.

    Args:
        generator: the generator.
        labels: int64 [rows], or None.
        rows: how many sequences.
        draws: where the noise comes from.
        scale: how far from the middle the noise of a sequence lies.
        num_steps: S.

    Returns:
        The frames [rows, S frames_per_step, F] and the stop logits [rows, S].
    """
    state = generator.start(generator.draw_noise(draws, rows, scale), labels)
    frames, steps, stops = generator.first_input(rows), [], []
    for _ in range(num_steps):
        frames, stop, state = generator.step(frames, state, draws)
        steps.append(frames)
        stops.append(stop)
    return torch.stack(steps, dim=1).reshape(rows, -1, generator.space.dim), torch.stack(stops, dim=1)
