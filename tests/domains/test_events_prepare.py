"""A folder of MIDI files to a corpus, and what is wrong with folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import split_of
from seqgan_toolkit.domains.events.domain import EventsDomain
from seqgan_toolkit.domains.events.folder import MidiFolderSource
from seqgan_toolkit.domains.events.midi_reading import read_midi
from seqgan_toolkit.domains.events.midi_writing import write_midi
from seqgan_toolkit.domains.events.notes import Note, Tune, on_grid
from seqgan_toolkit.domains.events.prepare import prepare_events
from seqgan_toolkit.domains.events.spec import EventSpec
from seqgan_toolkit.errors import UserError

SHARES = {"valid_share": 0.1, "test_share": 0.2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """24 files of 3 to 26 notes in two folders, at three tempos."""
    for index in range(24):
        notes = [Note(480 * place + 7 * (place % 2), 50 + (place + index) % 20, 400, 80) for place in range(3 + index)]
        tune = Tune(tuple(notes), 480, (90, 100, 120)[index % 3])
        write_midi(tune, tmp_path / "tunes" / ("fast", "slow")[index % 2] / f"{index:02d}.mid")
    return tmp_path / "tunes"


def prepared(folder: Path, skip_bad: bool = False, **settings: Any) -> Corpus:
    source = MidiFolderSource(folder, **SHARES)
    return prepare_events(source, folder.parent / "corpus", EventSpec(**settings), seed=0, skip_bad=skip_bad)


@pytest.mark.parametrize("representation", ["tokens", "frames"])
def test_a_folder_becomes_a_corpus_that_decodes_to_its_tunes(folder: Path, representation: Any) -> None:
    corpus = prepared(folder, representation=representation)
    assert corpus.label_names == ("fast", "slow")
    domain = EventsDomain.from_state(corpus.domain_state)
    assert domain.state() == corpus.domain_state
    assert domain.space == corpus.space
    assert domain.beats_per_minute == 100
    source = MidiFolderSource(folder, **SHARES)
    store = corpus.splits["train"]
    decoded = domain.decode(store.head(len(store)))
    expected = [on_grid(read_midi(item.value), 12) for item in source.items("train")]
    assert [(len(tune.notes), tune.notes[0].pitch) for tune in decoded] == [
        (len(tune.notes), tune.notes[0].pitch) for tune in expected
    ]
    if representation == "tokens":
        assert [note[:3] for tune in decoded for note in tune.notes] == [
            note[:3] for tune in expected for note in tune.notes
        ]
    assert sum(len(split) for split in corpus.splits.values()) == 24
    # Half of the onsets are 7 ticks after a step, and a step is 40.
    assert corpus.notes["mean_rounding_in_beats"] == pytest.approx(7 / 480 / 2, rel=0.1)


def test_windows_and_cuts_are_counted(folder: Path) -> None:
    corpus = prepared(folder, window=3, representation="frames", label="none")
    assert set(corpus.splits["train"].lengths.tolist()) == {3}
    assert corpus.label_names == ()
    assert corpus.splits["train"].labels is None
    cut = prepared(folder, max_notes=10, max_beats=0.5)
    assert cut.notes["tunes_cut_to_max_notes"] == sum(3 + index > 10 for index in range(24))
    assert cut.notes["notes_or_rests_shortened"] == cut.notes["notes"] == sum(3 + index for index in range(24))


def test_one_folder_is_no_label(folder: Path) -> None:
    assert prepared(folder / "fast").label_names == ()


def test_bad_files_end_the_command_or_are_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "._00.mid").write_bytes(b"another program's note beside a file")
    bad = folder / "fast" / "broken.mid"
    bad.write_bytes(b"MThd\0\0")
    write_midi(Tune((), 480), folder / "slow" / "silent.mid")
    with pytest.raises(UserError, match=r"broken.mid: cut short.*; data.skip_bad=true leaves such files out"):
        prepared(folder)
    corpus = prepared(folder, skip_bad=True)
    assert corpus.notes["left_out"] == 2
    assert any("silent.mid: there are no notes in it" in line for line in corpus.notes["left_out_first"])
    told = capsys.readouterr().err
    assert told.count("left out: ") == 2, "each is named once, although the files are read twice"


def test_wrong_folders_are_told(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such folder of MIDI files"):
        prepared(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty: no MIDI files: looked for .mid and .midi"):
        prepared(tmp_path / "empty")
    for path in folder.rglob("*.mid"):
        path.write_bytes(b"noise")
    with pytest.raises(UserError, match=r"tunes: there is no training tune, and \d+ are left out"):
        prepared(folder, skip_bad=True)


def test_labels_must_be_learnable(folder: Path) -> None:
    write_midi(Tune((Note(0, 60, 10, 80),), 480), folder / "loose.mid")
    with pytest.raises(UserError, match="loose.mid has no label and others have.*data.label=none"):
        prepared(folder)
    assert prepared(folder, label="none").label_names == ()
    (folder / "loose.mid").unlink()
    name = next(name for name in map(str, range(99)) if split_of(f"rare/{name}.mid", **SHARES) == "test")
    write_midi(Tune((Note(0, 60, 10, 80),), 480), folder / "rare" / f"{name}.mid")
    with pytest.raises(UserError, match="has the label 'rare', which no training tune has"):
        prepared(folder)
