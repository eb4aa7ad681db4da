"""What a first look at all tunes of a source finds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from seqgan_toolkit.data.source import SPLITS, RawItem, Split, natural_order
from seqgan_toolkit.domains.events.coding import shifts_of
from seqgan_toolkit.domains.events.notes import Tune, on_grid
from seqgan_toolkit.domains.events.spec import EventSpec
from seqgan_toolkit.errors import UserError


class Survey:
    """Tempos, labels, and what the preparation loses.

    Attributes:
        tempos: of the training tunes, in beats per minute.
    """

    def __init__(self, spec: EventSpec) -> None:
        self._spec = spec
        self.tempos: list[float] = []
        self._labels: dict[Split, dict[str | None, str]] = {split: {} for split in SPLITS}
        self._counts: Counter[str] = Counter(tunes=0, notes=0, tunes_cut_to_max_notes=0, notes_or_rests_shortened=0)
        self._moved_beats = 0.0

    def add(self, tune: Tune, item: RawItem, split: Split) -> None:
        """Look at one tune."""
        spec, gridded = self._spec, on_grid(tune, self._spec.steps_per_beat).notes
        self._labels[split].setdefault(item.label, item.where)
        if split == "train":
            self.tempos.append(tune.beats_per_minute)
        step = tune.ticks_per_beat / spec.steps_per_beat
        moved = sum(abs(note.onset / step - round(note.onset / step)) for note in tune.notes)
        self._moved_beats += moved / spec.steps_per_beat
        self._counts["tunes"] += 1
        self._counts["notes"] += len(tune.notes)
        self._counts["tunes_cut_to_max_notes"] += spec.window is None and len(gridded) > spec.max_notes
        self._counts["notes_or_rests_shortened"] += sum(
            max(shift, note.duration) > spec.longest for note, shift in zip(gridded, shifts_of(gridded), strict=True)
        )

    def label_names(self) -> list[str]:
        """Return the names of the labels; none where there is one alone, of which nothing could be learnt.

        Raises:
            UserError: some tunes have a label and others none, or no training tune has one of the labels.
        """
        if self._spec.label == "none":
            return []
        found = {label: where for split in reversed(SPLITS) for label, where in self._labels[split].items()}
        if None in found and len(found) > 1:
            raise UserError(
                f"{found[None]} has no label and others have: put every file into the folder of its class, or set "
                "data.label=none"
            )
        names = sorted((label for label in found if label is not None), key=natural_order)
        for label in names:
            if label not in self._labels["train"]:
                raise UserError(
                    f"{found[label]} has the label '{label}', which no training tune has: put more tunes into that "
                    "folder, or set data.label=none"
                )
        return names if len(names) > 1 else []

    def notes(self) -> dict[str, Any]:
        """Return what a reader of the corpus should know."""
        return {**self._counts, "mean_rounding_in_beats": self._moved_beats / self._counts["notes"]}
