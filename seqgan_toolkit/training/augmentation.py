"""Adaptive augmentation for sequences: the discriminator never sees one twice, so that it learns none by heart.

Karras et al. 2020 (ADA), for frames over time. Real and generated sequences are changed in the same way, each with a
probability, by operations that carry the generator's gradient. As long as the probability stays below about 0.8 the
generator learns the sequences and not their changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.sequences import length_mask

MOST = 0.8
"""The highest probability that does not leak into what is generated (Karras et al. 2020, section 2.2)."""
PACE = 1 / 2000
"""What the probability moves by in a step of the discriminator."""

Operation = Callable[[torch.Tensor, torch.Tensor, Draws, float], tuple[torch.Tensor, torch.Tensor]]
"""Frames [B, T, F], their lengths [B], a stream and the value of padding, to frames and lengths of the same shapes.
What it leaves on padding does not matter."""


class Augmentation:
    """A chain of operations, each applied to each sequence with one probability, which may steer itself.

    The discriminator's advantage is r = 2 a - 1 with its accuracy a: 0 for one that guesses, 1 for one that is always
    right. It stands for the paper's E[sign(D(real))], which presumes scores around 0: a relativistic loss leaves their
    level free.

    Args:
        kinds: names of operations, in their order.
        target: the advantage at which the probability rests; None keeps the probability.
        probability: that of every operation, at first.
        low: the value of padding.
    """

    def __init__(self, kinds: Sequence[str], *, target: float | None, probability: float, low: float) -> None:
        self.operations = [OPERATIONS[kind] for kind in kinds]
        self.target, self.probability, self.low = target, probability, low

    def __call__(self, frames: torch.Tensor, lengths: torch.Tensor, draws: Draws) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the sequences, frames [B, T, F] and lengths [B], some of them changed."""
        for operation in self.operations:
            chosen = draws.uniform(len(frames)) < self.probability
            changed, changed_lengths = operation(frames, lengths, draws, self.low)
            lengths = torch.where(chosen, changed_lengths, lengths)
            inside = length_mask(lengths, frames.shape[1])[..., None]
            frames = torch.where(chosen[:, None, None], torch.where(inside, changed, self.low), frames)
        return frames, lengths

    def adapt(self, accuracy: float) -> None:
        """Move the probability after a step: up where the discriminator's accuracy is above the target, else down."""
        if self.target is not None:
            way = PACE if 2 * accuracy - 1 > self.target else -PACE
            self.probability = min(max(self.probability + way, 0.0), MOST)

    def state_dict(self) -> dict[str, float]:
        """Return the probability."""
        return {"probability": self.probability}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Go on from what `state_dict` returned."""
        self.probability = state["probability"]


def _shift(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Move the frames by up to an eighth of the length, either way; the frame at the edge fills what is left."""
    by = ((2 * draws.uniform(len(frames)) - 1) * lengths / 8).round().long()
    index = _steps(frames) - by[:, None]
    return _taken(frames, torch.minimum(index.clamp(min=0), lengths[:, None] - 1)), lengths


def _crop(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Keep a span of at least three quarters of the length, which becomes the sequence."""
    kept = (lengths * (1 - draws.uniform(len(frames)) / 4)).ceil().long()
    begin = _begin(lengths - kept, draws)
    index = (_steps(frames) + begin[:, None]).clamp(max=frames.shape[1] - 1)
    return _taken(frames, index), kept


def _scale(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Multiply the height above the lowest value (brightness, loudness) by exp(0.2 e), e ~ N(0, 1)."""
    factor = (0.2 * draws.normal(len(frames))).exp()
    return low + (frames - low) * factor[:, None, None], lengths


def _gain(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Add 0.08 e, e ~ N(0, 1), to all that is not the lowest value: 3 dB on log-mel frames of 80 dB."""
    louder = (frames + 0.08 * draws.normal(len(frames))[:, None, None]).clamp(min=low)
    return torch.where(frames > low, louder, low), lengths


def _noise(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Add white noise whose standard deviation is 0.1 |e|, e ~ N(0, 1)."""
    deviation = 0.1 * draws.normal(len(frames)).abs()
    return frames + deviation[:, None, None] * draws.normal(*frames.shape), lengths


def _mask(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Blank a span of up to a quarter of the length."""
    width = (lengths * draws.uniform(len(frames)) / 4).round().long()
    after = _steps(frames) - _begin(lengths - width, draws)[:, None]
    blank = (after >= 0) & (after < width[:, None])
    return frames.masked_fill(blank[..., None], low), lengths


def _band(frames: torch.Tensor, lengths: torch.Tensor, draws: Draws, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Blank neighbouring values of all frames, up to a quarter of them (SpecAugment, Park et al. 2019)."""
    dim = frames.shape[2]
    width = (dim / 4 * draws.uniform(len(frames))).ceil().long().clamp(min=1)
    after = torch.arange(dim, device=frames.device) - _begin(dim - width, draws)[:, None]
    blank = (after >= 0) & (after < width[:, None])
    return frames.masked_fill(blank[:, None], low), lengths


OPERATIONS: dict[str, Operation] = {
    "shift": _shift,
    "crop": _crop,
    "scale": _scale,
    "gain": _gain,
    "noise": _noise,
    "mask": _mask,
    "band": _band,
}


def _steps(frames: torch.Tensor) -> torch.Tensor:
    return torch.arange(frames.shape[1], device=frames.device)


def _begin(last: torch.Tensor, draws: Draws) -> torch.Tensor:
    """Draw int64 [B] from 0 to `last` [B]."""
    return torch.minimum((draws.uniform(len(last)) * (last + 1)).long(), last)


def _taken(frames: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Return [B, T, F], step t of row b being frames[b, index[b, t]]."""
    return frames.gather(1, index[..., None].expand(-1, -1, frames.shape[2]))
