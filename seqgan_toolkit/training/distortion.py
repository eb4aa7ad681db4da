"""What happens to real and generated sequences alike on their way to the discriminator."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.training.augmentation import Augmentation
from seqgan_toolkit.training.embedded import Embedded


@dataclass(frozen=True)
class Distortion:
    """A shift of all, augmentation of some, and noise on every step.

    Attributes:
        max_shift: all sequences of a batch move together by 0 to this many steps, at random.
        augmentation: changes some sequences, each in its own way, or None.
        instance_noise: the standard deviation of white noise at the beginning of the phase, which falls in a line to 0
            at its end (Sønderby et al. 2017).
    """

    max_shift: int = 0
    augmentation: Augmentation | None = None
    instance_noise: float = 0.0

    def __call__(self, given: Embedded, draws: Draws, done: float, *, padding: float, blocks: int) -> Embedded:
        """Return what the discriminator sees.

        Args:
            given: embedded sequences.
            draws: the critic's stream.
            done: the share of the phase that is behind.
            padding: the value of padding.
            blocks: 2 where `given` is real sequences followed by as many generated ones, otherwise 1.
        """
        if self.max_shift:
            shift = draws.integer(self.max_shift + 1)
            shifted = functional.pad(given.inputs, (0, 0, shift, 0), value=padding)
            given = replace(given, inputs=shifted, lengths=given.lengths + shift)
        if self.augmentation is None and not self.instance_noise:
            return given
        # A stream of its own: generated sequences alone may be padded to other lengths on other processes.
        draws = draws.fork()
        with draws.in_blocks(blocks):
            if self.augmentation is not None:
                inputs, lengths = self.augmentation(given.inputs, given.lengths, draws)
                given = replace(given, inputs=inputs, lengths=lengths)
            if self.instance_noise:
                noise = self.instance_noise * (1 - done) * draws.normal(*given.inputs.shape)
                given = replace(given, inputs=given.inputs + noise * given.mask[..., None])
        return given
