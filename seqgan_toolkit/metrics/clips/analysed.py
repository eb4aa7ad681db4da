"""Waveforms to judge: analysed again from what a file would hold, whatever made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.sample import Sample


class ClipsPanel(Protocol):
    """Measures analysed clips."""

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return measurements by their metric's name."""
        ...


class AnalysedPanel:
    """Lets panels measure waveforms, as a 16-bit file keeps them, by frames that do not hang on the model.

    Args:
        real: the clips whose analysis is used.
        panels: are given the analysed frames as the batch, and the waveforms.
    """

    def __init__(self, real: RealClips, panels: Sequence[ClipsPanel]) -> None:
        self._real, self._panels = real, panels

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure waveforms float32 [samples] each and their labels; the frames they were made of are not read."""
        labels = None if sample.batch.labels is None else sample.batch.labels.cpu()
        heard = Sample(self._real.analysis(sample.artefacts, labels), sample.artefacts)
        measured: dict[str, Measurement] = {}
        for panel in self._panels:
            measured |= panel.measure(heard)
        return measured
