"""From a source of tunes to a corpus, in two passes over it and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from seqgan_toolkit.console import say, track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, RawItem, Source, Split, natural_order
from seqgan_toolkit.domains.events.coding import EventCoding, shifts_of
from seqgan_toolkit.domains.events.domain import EventsDomain
from seqgan_toolkit.domains.events.frames import EventFrames
from seqgan_toolkit.domains.events.midi_reading import BadMidiError, read_midi
from seqgan_toolkit.domains.events.notes import Tune, on_grid
from seqgan_toolkit.domains.events.pieces import Piece, pieces_of, shortened
from seqgan_toolkit.domains.events.spec import EventSpec
from seqgan_toolkit.domains.events.tokens import EventTokens
from seqgan_toolkit.errors import UserError

NAMED = 20
"""Files left out that the notes name."""


def prepare_events(source: Source, directory: Path, spec: EventSpec, *, seed: int, skip_bad: bool = False) -> Corpus:
    """Fit the representation on the training tunes, then write every split.

    Args:
        source: items whose value is a `Tune` or the path of a MIDI file.
        directory: where the corpus goes.
        spec: how tunes become sequences.
        seed: not used; nothing here is drawn.
        skip_bad: leave out, name and count files that cannot be used, where they would end the command.

    Raises:
        UserError: a file cannot be used, there is no training tune, or labels are missing.
    """
    del seed
    survey = _Survey(source, spec, skip_bad)
    coding = survey.fit()
    labels = survey.label_names()
    domain = EventsDomain(coding, spec.steps_per_beat, median(survey.tempos))
    with CorpusWriter(directory, domain.space) as writer:
        for split in SPLITS:
            for piece, label in survey.pieces(split, "writing"):
                writer.add(split, coding.encode(piece), labels.index(label) if label in labels else None)
        return writer.close(domain=domain.state(), label_names=labels, notes=survey.notes())


@dataclass
class _Survey:
    """Goes through a source, and knows afterwards what was in it."""

    source: Source
    spec: EventSpec
    skip_bad: bool
    tempos: list[float] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    labels: dict[Split, dict[str | None, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("tunes", "notes", "cut", "shortened"), 0))
    moved_beats: float = 0.0

    def fit(self) -> EventCoding:
        """Go through all splits, training first, and return what fits the training tunes."""
        training = (piece for piece, _ in self._surveyed("train"))
        coding: EventCoding
        if self.spec.representation == "tokens":
            coding = EventTokens.fit(training, self.spec.velocity_levels)
        else:
            coding = EventFrames.fit(training)
        for split in SPLITS[1:]:
            for _ in self._surveyed(split):
                pass
        return coding

    def _surveyed(self, split: Split) -> Iterator[tuple[Piece, str | None]]:
        """Yield the pieces of a split, and count; a split without tunes for training is an error."""
        labels = self.labels.setdefault(split, {})
        for tune, item in self._tunes(split, "reading"):
            labels.setdefault(item.label, item.where)
            if split == "train":
                self.tempos.append(tune.beats_per_minute)
            for piece in self._count(tune):
                yield piece, item.label
        if split == "train" and not self.tempos:
            raise UserError(f"{self.source.name}: there is no training tune, and {len(self.skipped)} are left out")

    def _tunes(self, split: Split, doing: str) -> Iterator[tuple[Tune, RawItem]]:
        size = self.source.size(split)
        for item in track(self.source.items(split), f"{doing} {self.source.name} ({split})", size):
            if item.where in self.skipped:
                continue
            try:
                yield item.value if isinstance(item.value, Tune) else read_midi(Path(item.value)), item
            except BadMidiError as error:
                if not self.skip_bad:
                    raise UserError(f"{error}; data.skip_bad=true leaves such files out") from error
                say(f"left out: {error}")
                self.skipped[item.where] = str(error)

    def _count(self, tune: Tune) -> list[Piece]:
        gridded, spec = on_grid(tune, self.spec.steps_per_beat).notes, self.spec
        step = tune.ticks_per_beat / spec.steps_per_beat
        self.moved_beats += sum(abs(note.onset / step - round(note.onset / step)) for note in tune.notes) / (
            spec.steps_per_beat
        )
        self.counts["tunes"] += 1
        self.counts["notes"] += len(tune.notes)
        self.counts["cut"] += spec.window is None and len(gridded) > spec.max_notes
        self.counts["shortened"] += sum(
            max(shift, note.duration) > spec.longest for note, shift in zip(gridded, shifts_of(gridded), strict=True)
        )
        return self._pieces_of(gridded)

    def _pieces_of(self, gridded: Piece) -> list[Piece]:
        return [shortened(piece, self.spec.longest) for piece in pieces_of(gridded, self.spec)]

    def pieces(self, split: Split, doing: str) -> Iterator[tuple[Piece, str | None]]:
        """Yield the pieces of a split with their labels."""
        for tune, item in self._tunes(split, doing):
            for piece in self._pieces_of(on_grid(tune, self.spec.steps_per_beat).notes):
                yield piece, item.label

    def label_names(self) -> list[str]:
        """Return the names of the labels; none where there is one alone, of which nothing could be learnt."""
        if self.spec.label == "none":
            return []
        found = {label: where for split in reversed(SPLITS) for label, where in self.labels[split].items()}
        if None in found and len(found) > 1:
            raise UserError(
                f"{found[None]} has no label and others have: put every file into the folder of its class, or set "
                "data.label=none"
            )
        names = sorted((label for label in found if label is not None), key=natural_order)
        for label in names:
            if label not in self.labels["train"]:
                raise UserError(
                    f"{found[label]} has the label '{label}', which no training tune has: put more tunes into that "
                    "folder, or set data.label=none"
                )
        return names if len(names) > 1 else []

    def notes(self) -> dict[str, Any]:
        """Return what a reader should know of the preparation."""
        return {
            "source": self.source.name,
            "tunes": self.counts["tunes"],
            "notes": self.counts["notes"],
            "mean_rounding_in_beats": self.moved_beats / self.counts["notes"],
            "tunes_cut_to_max_notes": self.counts["cut"],
            "notes_or_rests_shortened": self.counts["shortened"],
            "left_out": len(self.skipped),
            "left_out_first": list(self.skipped.values())[:NAMED],
        }
