"""The series domain: frames back to numbers in the columns' own units, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from seqgan_toolkit.domains.series.layout import FrameLayout
from seqgan_toolkit.domains.series.sheet import draw_sheet
from seqgan_toolkit.domains.series.stitching import stitch
from seqgan_toolkit.domains.series.table import Floats
from seqgan_toolkit.domains.series.table_file import ColumnNames, write_series
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


@dataclass(frozen=True)
class Series:
    """One series as people read it.

    Attributes:
        values: float64 [T, C] in the columns' units; NaN where a cell is empty.
        static: float64 [S], what does not change within it.
        label: the name of its class, or None.
    """

    values: Floats
    static: Floats
    label: str | None = None


@dataclass(frozen=True)
class SeriesDomain:
    """Series of one table.

    Attributes:
        layout: what the values of a frame are.
        columns: the names of the columns, as the table has them.
        label_names: the names of the classes.
    """

    layout: FrameLayout
    columns: ColumnNames
    label_names: tuple[str, ...] = ()

    kind: ClassVar[str] = "series"

    @property
    def space(self) -> FrameSpace:
        """Frames of the layout's values in [-1, 1]."""
        return FrameSpace(self.layout.dim)

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `from_state` rebuilds this domain exactly."""
        return {
            "layout": self.layout.state(),
            "columns": self.columns.state(),
            "label_names": list(self.label_names),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the domain that `state` described."""
        return cls(
            FrameLayout.from_state(state["layout"]),
            ColumnNames.from_state(state["columns"]),
            tuple(state["label_names"]),
        )

    def decode(self, batch: SequenceBatch) -> list[Series]:
        """Turn sequences into series; padding is cut off."""
        frames = batch.values.detach().cpu().double().clamp(-1, 1).numpy()
        labels = [None] * len(batch) if batch.labels is None else batch.labels.tolist()
        return [
            Series(*self.layout.decode(one[:length]), None if label is None else self.label_names[label])
            for one, length, label in zip(frames, batch.lengths.tolist(), labels, strict=True)
        ]

    def write(self, artefacts: list[Series], directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write `series.csv`, one row for each step of each series, and `series.png`; return the paths."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "series.csv"
        write_series(path, self.columns, [(one.values, one.static, one.label) for one in artefacts])
        return [path, self.preview(artefacts, directory)]

    def preview(self, artefacts: list[Series], directory: Path, captions: Sequence[str] = ()) -> Path:
        """Draw the first series as `series.png`, a panel for each column."""
        directory.mkdir(parents=True, exist_ok=True)
        return draw_sheet([one.values for one in artefacts], self.columns.values, directory / "series.png")

    def write_stitched(self, artefacts: list[Series], directory: Path) -> Path:
        """Join all windows of one label into one long series, and write `stitched.csv`.

        All must have one length; static attributes, which differ between windows, are left out.
        """
        long = []
        for label in dict.fromkeys(one.label for one in artefacts):
            windows = np.stack([one.values for one in artefacts if one.label == label])
            long.append((stitch(windows, self.layout.sizes), np.empty(0), label))
        path = directory / "stitched.csv"
        write_series(path, self.columns.without_static(), long)
        return path
