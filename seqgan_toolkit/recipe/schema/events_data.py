"""Tunes in a recipe."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from seqgan_toolkit.recipe.schema.base import DataSection, Share


class EventsData(DataSection):
    """Tunes from MIDI files, as events."""

    kind: Literal["events"]
    source: str
    """`melodies`, or a folder of .mid files."""
    num_tunes: int = Field(20_000, ge=10)
    """Training tunes drawn from the built-in source."""
    representation: Literal["tokens", "frames"] = "tokens"
    """Time shift, velocity, pitch and duration: in turn as tokens, or together as a frame of four (C-RNN-GAN)."""
    steps_per_beat: int = Field(12, ge=1, le=480)
    """Times are rounded to so many steps in a quarter note (12 holds sixteenths and triplets)."""
    max_beats: float = Field(8.0, gt=0)
    """Longer notes and rests are shortened to so many beats (counted in the corpus's notes)."""
    velocity_levels: int = Field(8, ge=1, le=127)
    """Tokens: into how many levels velocities are sorted."""
    window: int | None = Field(None, ge=2)
    """Notes of a sequence, cut out of longer tunes; null takes whole tunes."""
    stride: int | None = Field(None, ge=1)
    """Notes between the beginnings of two windows; `window` when null."""
    max_notes: int = Field(256, ge=2)
    """Whole tunes are cut to so many notes (counted in the corpus's notes)."""
    label: Literal["folder", "none"] = "folder"
    """`folder` takes the name of the folder that a file lies in, or the built-in source's labels; `none` leaves labels
    out."""
    skip_bad: bool = False
    """Leave out files that cannot be used (named and counted) where they would end the command."""
    valid_share: Share = 0.05
    test_share: Share = 0.1

    @property
    def makes_tokens(self) -> bool:
        """Whether its sequences are tokens: as the representation says."""
        return self.representation == "tokens"

    @property
    def described(self) -> str:
        """The kind with its representation."""
        return f"{self.kind} (representation {self.representation})"

    @model_validator(mode="after")
    def _settings_fit(self) -> EventsData:
        if self.stride is not None and self.window is None:
            raise ValueError("stride is between windows: give 'window', or leave 'stride' out")
        if self.source == "melodies" and self.steps_per_beat % 2:
            raise ValueError(
                f"steps_per_beat {self.steps_per_beat} cannot hold the half beats of 'melodies': give an even number"
            )
        if self.valid_share + self.test_share >= 1:
            raise ValueError("valid_share and test_share leave nothing to train on: their sum must be below 1")
        return self
