"""Series of one padded length in [0, 1], as the metrics of series read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.frames.classifier_network import fixed_steps
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, length_mask

if TYPE_CHECKING:
    from seqgan_toolkit.domains.series.domain import SeriesDomain


@dataclass(frozen=True)
class Windows:
    """Series of real values.

    Attributes:
        values: float32 [N, T, D] in [0, 1]; padding is 0.
        lengths: int64 [N], at least 1 and at most T.
    """

    values: torch.Tensor
    lengths: torch.Tensor

    @classmethod
    def of(cls, batch: SequenceBatch, num_steps: int, space: FrameSpace) -> Self:
        """Map the frames of a batch from the range of their space to [0, 1], padded or cut to so many steps."""
        batch = batch.detach().to("cpu")
        frames = fixed_steps(batch, num_steps, space.low)
        return cls((frames - space.low) / (space.high - space.low), batch.lengths.clamp(max=num_steps))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def mask(self) -> torch.Tensor:
        """Bool [N, T], true on the steps of a series."""
        return length_mask(self.lengths, self.values.shape[1])

    def rows(self, index: Any) -> Self:
        """Return the series that a slice or indices select."""
        return type(self)(self.values[index], self.lengths[index])

    def within(self, low: torch.Tensor, high: torch.Tensor) -> Self:
        """Return the series with the range [0, 1] of each feature mapped to [low, high], float [D]; padding stays 0."""
        moved = (low + (high - low) * self.values) * self.mask[..., None]
        return type(self)(moved.to(self.values.dtype), self.lengths)

    def joined(self, other: Self) -> Self:
        """Return these series and the others behind them."""
        return type(self)(torch.cat([self.values, other.values]), torch.cat([self.lengths, other.lengths]))


@dataclass(frozen=True)
class WindowReader:
    """Reads the sequences of a corpus, and those that are generated like them, as windows.

    Attributes:
        space: of the sequences.
        num_steps: the steps that they are padded or cut to.
        domain: series are read as it writes them, whatever is in their frames; None reads frames as they are.
    """

    space: FrameSpace
    num_steps: int
    domain: SeriesDomain | None

    @classmethod
    def of(cls, corpus: Corpus, domain: SeriesDomain | None) -> Self:
        """Read those of a corpus in a `FrameSpace`, up to its longest training sequence."""
        assert isinstance(corpus.space, FrameSpace)
        return cls(corpus.space if domain is None else domain.written_space, corpus.max_length, domain)

    def __call__(self, batch: SequenceBatch) -> Windows:
        """Return the windows of a batch."""
        return Windows.of(batch if self.domain is None else self.domain.as_written(batch), self.num_steps, self.space)
