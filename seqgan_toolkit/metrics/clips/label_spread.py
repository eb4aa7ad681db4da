"""How much clips vary within one value of a factor of their labels, and within one label."""

from __future__ import annotations

from seqgan_toolkit.labels import Factors
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.clips.heard import Heard
from seqgan_toolkit.metrics.frames.panel import recognised_labels
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.spread import ClassDistances, relative_spread

VERSION = 1
CELL = "cell"
"""The name of all factors of a label together."""


class LabelSpread:
    """The mean distance of two recognised clips of one group over that of training clips, mean over the groups.

    Args:
        factors: of the labels; a group is a value of one of them, or a whole label where there are several.
        training: real clips that 1 stands for.
        held_out: real clips that nothing was trained on, for the note.
    """

    def __init__(self, factors: Factors, training: Heard, held_out: Heard) -> None:
        self._factors = factors
        self._training = {name: distances.means() for name, distances in self._distances(training).items()}
        self._held_out = {
            name: relative_spread(distances.means(), self._training[name])
            for name, distances in self._distances(held_out).items()
        }

    def measure(self, heard: Heard) -> dict[str, Measurement]:
        """Return `spread_within_FACTOR` for each factor, and `spread_within_cell` where there are several."""
        found = self._distances(heard)
        return {
            f"spread_within_{name}": self._relative(name, distances, len(heard.labels))
            for name, distances in found.items()
        }

    def _distances(self, heard: Heard) -> dict[str, ClassDistances]:
        groups = {
            name: (heard.truth[:, factor], heard.values[:, factor], self._factors.sizes[factor])
            for factor, name in enumerate(self._factors.names)
        }
        if len(groups) > 1:
            groups[CELL] = (heard.labels, heard.cells, len(self._factors.table))
        return {
            name: ClassDistances.of(heard.frames, recognised_labels(asked, found, size), size)
            for name, (asked, found, size) in groups.items()
        }

    def _relative(self, name: str, distances: ClassDistances, count: int) -> Measurement:
        real, held_out = self._training[name], self._held_out[name]
        value = relative_spread(distances.means(), real)
        if value is None:
            return Measurement(None, None, VERSION, None, "no two training clips of a group differ")
        interval = jackknife_interval(count, lambda kept: relative_spread(distances.means(kept), real) or 0.0, value)
        note = f"of recognised clips; 1 is as training clips, held-out clips have {held_out:.3g}"
        return Measurement(value, interval, VERSION, None, note)
