"""Sequences of a length that is asked for, also beyond the longest that a generator was trained on."""

from __future__ import annotations

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling.frames import run_steps
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch


class DurationSampler:
    """Runs a generator of frames for one length, in place of lengths that are drawn.

    One that feeds its frames back goes on, whatever its stop says. One that makes whole sequences is told of a slower
    pace where the length is beyond its training: `FrameGenerator.make_long`.

    Args:
        generator: the generator.
        length: of every sequence, in frames.
    """

    def __init__(self, generator: FrameGenerator | AutoregressiveFrameGenerator, length: int) -> None:
        self.generator, self.length = generator, length

    def sample(self, labels: torch.Tensor | None, rows: int, draws: Draws, strategy: Strategy = PLAIN) -> SequenceBatch:
        """Draw frames [rows, length, F]; the temperature scales the noise of a sequence."""
        generator, scale = self.generator, strategy.noise_scale()
        lengths = torch.full((rows,), self.length, device=draws.device)
        if isinstance(generator, FrameGenerator):
            further = max(0, -(-(self.length - generator.max_length) // generator.frames_per_step))
            noise = generator.draw_noise(draws, rows, scale, num_steps=generator.max_steps + further)
            values = generator.make_long(noise, lengths, labels).values
        else:
            values, _ = run_steps(generator, labels, rows, draws, scale, -(-self.length // generator.frames_per_step))
        return SequenceBatch(values[:, : self.length], lengths, labels)
