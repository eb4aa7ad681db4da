"""The comb: frames that change more where one step of a generator ends and the next begins."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch

VERSION = 1


class CombPanel:
    """`comb`: the change from frame to frame at one place of a step over that at its other places.

    The place is the one with the largest change, wherever it lies, so that blending neighbouring steps cannot hide it.
    1 is none. It is measured on the frames themselves, before a decoder smooths them.

    Args:
        frames_per_step: frames that one step makes, 2 at least.
    """

    def __init__(self, frames_per_step: int) -> None:
        self._period = frames_per_step

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure frames [N, T, F]; nothing else of the sample is read."""
        changes = phase_changes(sample.batch.detach().to("cpu"), self._period)
        place = int(changes.argmax())
        others = float(changes.sum() - changes[place]) / (self._period - 1)
        if not others > 0:
            return {"comb": Measurement(None, None, VERSION, False, "nothing changes at some places of a step")}
        where = "where steps meet" if place == 0 else f"{place} frames behind where steps meet"
        note = f"change {where} over that elsewhere; 1 is none"
        return {"comb": Measurement(float(changes[place]) / others, None, VERSION, False, note)}


def phase_changes(batch: SequenceBatch, period: int) -> torch.Tensor:
    """Return the mean change into the frames at each place of a step, float64 [period]; nan where none is.

    Args:
        batch: frames [N, T, F]; place 0 is the first frame of a step.
        period: frames of a step.
    """
    change = (batch.values[:, 1:] - batch.values[:, :-1]).abs().mean(2).double()
    inside = batch.mask[:, 1:]
    places = (torch.arange(1, batch.num_steps) % period).expand_as(inside)
    counts = torch.bincount(places[inside], minlength=period)
    return torch.bincount(places[inside], weights=change[inside], minlength=period) / counts
