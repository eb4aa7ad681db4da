"""The series domain: frames back to numbers in the columns' own units, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch

from seqgan_toolkit.domains.series.form import ColumnForm
from seqgan_toolkit.domains.series.layout import FrameLayout
from seqgan_toolkit.domains.series.level_layout import LevelLayout
from seqgan_toolkit.domains.series.scaling import Scales
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
        form: what the layout is of; None for the table's columns as they are, in corpora from before there was a form.
    """

    layout: FrameLayout | LevelLayout
    columns: ColumnNames
    label_names: tuple[str, ...] = ()
    form: ColumnForm | None = None

    kind: ClassVar[str] = "series"

    @property
    def space(self) -> FrameSpace:
        """Frames of the layout's values in [-1, 1]."""
        return FrameSpace(self.layout.dim, constant=self.layout.constant)

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `from_state` rebuilds this domain exactly."""
        return {
            "layout": self.layout.state(),
            "columns": self.columns.state(),
            "label_names": list(self.label_names),
            "form": None if self.form is None else self.form.state(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the domain that `state` described."""
        layout = state["layout"]
        return cls(
            LevelLayout.from_state(layout) if "levels" in layout else FrameLayout.from_state(layout),
            ColumnNames.from_state(state["columns"]),
            tuple(state["label_names"]),
            ColumnForm.from_state(state["form"]) if state.get("form") else None,
        )

    def decode(self, batch: SequenceBatch) -> list[Series]:
        """Turn sequences into series; padding is cut off."""
        frames = batch.values.detach().cpu().double().clamp(-1, 1).numpy()
        labels = [None] * len(batch) if batch.labels is None else batch.labels.tolist()
        return [
            Series(*self._decode(one[:length]), None if label is None else self.label_names[label])
            for one, length, label in zip(frames, batch.lengths.tolist(), labels, strict=True)
        ]

    def as_written(self, batch: SequenceBatch) -> SequenceBatch:
        """Return the frames of what is written of sequences: every column on its grid, scaled by its range alone.

        It is what metrics of series compare, whatever the networks are given; see `written_space`.
        """
        written = self._written
        if written is None:
            return batch
        values = np.full((len(batch), batch.num_steps, written.dim), self.written_space.low, np.float32)
        for row, one in enumerate(self.decode(batch)):
            values[row, : len(one.values)] = written.encode(one.values, one.static).clip(-1, 1)
        return SequenceBatch(torch.from_numpy(values), batch.lengths.cpu(), batch.labels)

    @property
    def written_space(self) -> FrameSpace:
        """The space of what `as_written` returns."""
        return self.space if self._written is None else FrameSpace(self._written.dim)

    @property
    def _written(self) -> FrameLayout | None:
        if self.form is None:
            return None
        gaps = np.array(self.form.copies.kept, np.int64)[self.layout.gaps]
        return FrameLayout(self.form.ranges, None, gaps, self.layout.static)

    def _decode(self, frames: Floats) -> tuple[Floats, Floats]:
        values, static = self.layout.decode(frames)
        return values if self.form is None else self.form.decode(values), static

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
            long.append((stitch(windows, self.ranges.half), np.empty(0), label))
        path = directory / "stitched.csv"
        write_series(path, self.columns.without_static(), long)
        return path

    @property
    def ranges(self) -> Scales:
        """What each column [C] ranges over in training, in its units."""
        if self.form is not None:
            return self.form.ranges
        assert isinstance(self.layout, FrameLayout)
        return Scales(self.layout.values.centre, self.layout.sizes)
