"""What may be asked of `generate`, checked before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from seqgan_toolkit.errors import UserError


@dataclass(frozen=True)
class Wanted:
    """What to generate from a run, and how.

    Attributes:
        num: how many.
        seed: the same seed gives the same bytes on one machine.
        temperature: divides the logits of tokens, and scales the noise of frames; 0 takes the most likely.
        top_k: only so many of the most likely tokens may be drawn at a step; all when None.
        top_p: only the smallest set of tokens whose probability reaches this share may be drawn.
        beam: the width of a search for the most likely sequences, in place of drawing; None draws.
        reject: the share of what is drawn that is kept, the best by the discriminator's score; None keeps all.
        label: the label of all of them; the labels take turns when None.
        interpolate: in place of `num` independent ones, a strip of so many for each label, on the way from one noise to
            another; None for none.
        model: `teacher_forced` or `adversarial`; the last one of the run when None.
        seconds: for audio, how long every clip is, also longer than any training clip; drawn when None.
        again: a `samples.json` whose sample `index` is made once more, alone, by all settings that it tells; `label`
            gives the same noise another class.
        index: which sample of `again`.
        decoder: for audio, what turns frames into samples in place of the run's own: `griffin_lim`, or the directory
            of a vocoder's run; the run's own when None.
        stitched: for series, whether all windows are joined into one long series as well.

    Raises:
        UserError: a number out of range, or settings that exclude each other.
    """

    num: int = 16
    seed: int = 0
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    beam: int | None = None
    reject: float | None = None
    label: str | None = None
    model: str | None = None
    stitched: bool = False
    interpolate: int | None = None
    seconds: float | None = None
    again: Path | None = None
    index: int | None = None
    decoder: str | None = None

    def __post_init__(self) -> None:
        if self.num < 1:
            raise UserError(f"--num must be at least 1, found {self.num}")
        if self.reject is not None and not 0 < self.reject <= 1:
            raise UserError(f"--reject is the share that is kept: above 0 and at most 1, found {self.reject}")
        if self.beam is not None:
            self._check_beam(self.beam)
        if self.interpolate is not None:
            self._check_interpolation(self.interpolate)
        if self.seconds is not None:
            self._check_seconds(self.seconds)
        if self.again is not None or self.index is not None:
            self._check_again()

    def _check_beam(self, beam: int) -> None:
        if beam < 1:
            raise UserError(f"--beam must be at least 1, found {beam}")
        chosen = {
            "--temperature": self.temperature != 1,
            "--top-k": self.top_k is not None,
            "--top-p": self.top_p != 1,
            "--reject": self.reject is not None,
        }
        _exclude("--beam searches for the most likely sequences and draws none", chosen)

    def _check_interpolation(self, count: int) -> None:
        if count < 2:
            raise UserError(f"--interpolate must be at least 2, the two ends of a strip, found {count}")
        chosen = {"--beam": self.beam is not None, "--reject": self.reject is not None, "--stitched": self.stitched}
        _exclude("--interpolate shows all that lies between two noises", chosen)

    def _check_seconds(self, seconds: float) -> None:
        if not 0 < seconds < float("inf"):
            raise UserError(f"--seconds must be above 0, found {seconds:g}")
        strips = self.interpolate is not None
        chosen = {"--beam": self.beam is not None, "--reject": self.reject is not None, "--interpolate": strips}
        _exclude("--seconds gives every clip one length", chosen)

    def _check_again(self) -> None:
        if self.again is None or self.index is None:
            raise UserError("--again and --index go together: --again samples.json --index 3 makes sample 3 once more")
        kept = ("label", "decoder", "again", "index")
        options = {
            f"--{field.name.replace('_', '-')}": getattr(self, field.name) != field.default
            for field in fields(self)
            if field.name not in kept
        }
        _exclude("--again takes its settings from the file", options)


def _exclude(why: str, chosen: dict[str, bool]) -> None:
    excluded = [option for option, given in chosen.items() if given]
    if excluded:
        raise UserError(f"{why}, so {' and '.join(excluded)} would have no meaning: leave one of them out")
