"""Made-up sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest

from seqgan_toolkit.data.source import RawItem
from seqgan_toolkit.domains.audio.reading import Clip

Waveform = npt.NDArray[np.float32]


class Clips:
    """Waveforms at 8 kHz, labelled a and b in turn, as a source."""

    name = "clips"

    def __init__(self, **splits: list[Waveform]) -> None:
        self._splits = splits

    def items(self, split: str) -> Iterator[RawItem]:
        for index, samples in enumerate(self._splits.get(split, [])):
            yield RawItem(Clip(samples, 8000), "ab"[index % 2], f"{split} {index}")

    def size(self, split: str) -> int:
        return len(self._splits.get(split, []))


@pytest.fixture
def clips_of() -> type[Clips]:
    """Waveforms as a source: `clips_of(train=[...], test=[...])`."""
    return Clips


@pytest.fixture
def tone() -> Callable[..., Waveform]:
    """A sine: `tone(seconds, level=0.5, rate=8000, hertz=440.0)`."""

    def make(seconds: float, level: float = 0.5, rate: int = 8000, hertz: float = 440.0) -> Waveform:
        return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)

    return make
