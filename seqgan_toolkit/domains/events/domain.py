"""The events domain: sequences back to tunes, MIDI files, sound, and a sheet of piano rolls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from seqgan_toolkit.domains.events.coding import EventCoding
from seqgan_toolkit.domains.events.frames import EventFrames
from seqgan_toolkit.domains.events.midi_writing import write_midi
from seqgan_toolkit.domains.events.notes import Tune, playable
from seqgan_toolkit.domains.events.rolls import draw_rolls
from seqgan_toolkit.domains.events.synthesis import write_wav
from seqgan_toolkit.domains.events.tokens import EventTokens
from seqgan_toolkit.sequences import SequenceBatch, SequenceSpace

CODINGS: dict[str, type[EventTokens] | type[EventFrames]] = {"tokens": EventTokens, "frames": EventFrames}


class EventsDomain:
    """Tunes on a grid, in one representation.

    Attributes:
        coding: how notes become a sequence.
        steps_per_beat: steps of the grid in a beat.
        beats_per_minute: the tempo at which tunes are played, that of the training tunes.
    """

    kind: ClassVar[str] = "events"

    def __init__(self, coding: EventCoding, steps_per_beat: int, beats_per_minute: float) -> None:
        self.coding = coding
        self.steps_per_beat = steps_per_beat
        self.beats_per_minute = beats_per_minute

    @property
    def space(self) -> SequenceSpace:
        """That of the representation."""
        return self.coding.space

    def state(self) -> dict[str, Any]:
        """Return the representation with its fitted values, the grid and the tempo."""
        representation = next(name for name, coding in CODINGS.items() if isinstance(self.coding, coding))
        return {
            "representation": representation,
            representation: self.coding.state(),
            "steps_per_beat": self.steps_per_beat,
            "beats_per_minute": self.beats_per_minute,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the domain that `state` described."""
        name = state["representation"]
        return cls(CODINGS[name].from_state(state[name]), state["steps_per_beat"], state["beats_per_minute"])

    def decode(self, batch: SequenceBatch) -> list[Tune]:
        """Turn sequences into tunes; one of which nothing can be read is a tune without notes."""
        rows, lengths = batch.values.detach().cpu().numpy(), batch.lengths.tolist()
        return [self._tune(row[:length]) for row, length in zip(rows, lengths, strict=True)]

    def _tune(self, values: Any) -> Tune:
        return Tune(playable(self.coding.decode(values)), self.steps_per_beat, self.beats_per_minute)

    def write(self, artefacts: list[Tune], directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write `tune-0000.mid` and `tune-0000.wav` …, and `piano_rolls.png` of the first of them; return the paths."""
        paths = []
        for index, tune in enumerate(artefacts):
            stem = directory / f"tune-{index:04d}"
            write_midi(tune, stem.with_suffix(".mid"))
            write_wav(tune, stem.with_suffix(".wav"))
            paths += [stem.with_suffix(".mid"), stem.with_suffix(".wav")]
        return [*paths, draw_rolls(artefacts, directory / "piano_rolls.png", captions)]

    def preview(self, artefacts: list[Tune], directory: Path, captions: Sequence[str] = ()) -> Path:
        """Write the tunes, to be heard, and their piano rolls, to be seen; return the sheet."""
        return self.write(artefacts, directory, captions)[-1]
