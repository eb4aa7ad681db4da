"""From a source of tunes to a corpus, in two passes over it and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, Source
from seqgan_toolkit.domains.events.coding import EventCoding
from seqgan_toolkit.domains.events.domain import EventsDomain
from seqgan_toolkit.domains.events.frames import EventFrames
from seqgan_toolkit.domains.events.pieces import Piece, pieces_of
from seqgan_toolkit.domains.events.reading import TuneReader
from seqgan_toolkit.domains.events.spec import EventSpec
from seqgan_toolkit.domains.events.survey import Survey
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
    reader, survey = TuneReader(source, skip_bad=skip_bad), Survey(spec)
    coding = _fit(_training_pieces(reader, survey, spec), spec)
    if not survey.tempos:
        raise UserError(f"{source.name}: there is no training tune, and {len(reader.skipped)} are left out")
    for split in SPLITS[1:]:
        for tune, item in reader.tunes(split, "reading"):
            survey.add(tune, item, split)
    labels = survey.label_names()
    domain = EventsDomain(coding, spec.steps_per_beat, median(survey.tempos))
    with CorpusWriter(directory, domain.space) as writer:
        for split in SPLITS:
            for tune, item in reader.tunes(split, "writing"):
                label = labels.index(item.label) if item.label in labels else None
                for piece in pieces_of(tune, spec):
                    writer.add(split, coding.encode(piece), label)
        skipped = list(reader.skipped.values())
        notes = {"source": source.name, **survey.notes(), "left_out": len(skipped), "left_out_first": skipped[:NAMED]}
        return writer.close(domain=domain.state(), label_names=labels, notes=notes)


def _training_pieces(reader: TuneReader, survey: Survey, spec: EventSpec) -> Iterator[Piece]:
    for tune, item in reader.tunes("train", "reading"):
        survey.add(tune, item, "train")
        yield from pieces_of(tune, spec)


def _fit(pieces: Iterator[Piece], spec: EventSpec) -> EventCoding:
    if spec.representation == "tokens":
        return EventTokens.fit(pieces, spec.velocity_levels)
    return EventFrames.fit(pieces)
