"""A tune to the pieces that become sequences."""

from __future__ import annotations

from seqgan_toolkit.domains.events.coding import shifts_of
from seqgan_toolkit.domains.events.notes import Note, Tune, on_grid
from seqgan_toolkit.domains.events.spec import EventSpec

Piece = tuple[Note, ...]


def pieces_of(tune: Tune, spec: EventSpec) -> list[Piece]:
    """Return the windows of a tune on the grid, or the tune cut to `max_notes`; each begins at 0.

    The last window ends with the tune, so that endings are learnt; a tune that is shorter than a window is one piece.
    """
    notes = shortened(on_grid(tune, spec.steps_per_beat).notes, spec.longest)
    if spec.window is None:
        return [_from_zero(notes[: spec.max_notes])]
    last = max(0, len(notes) - spec.window)
    starts = [*range(0, last, spec.stride or spec.window), last]
    return [_from_zero(notes[start : start + spec.window]) for start in starts]


def shortened(notes: Piece, longest: int) -> Piece:
    """Bring notes, and the time from one onset to the next, down to `longest` steps."""
    onset, moved = 0, []
    for note, shift in zip(notes, shifts_of(notes), strict=True):
        onset += min(shift, longest)
        moved.append(note._replace(onset=onset, duration=min(note.duration, longest)))
    return tuple(moved)


def _from_zero(notes: Piece) -> Piece:
    first = notes[0].onset
    return tuple(note._replace(onset=note.onset - first) for note in notes)
