import os
from pathlib import Path

import pytest

from seqgan_toolkit.data.source import SPLITS
from seqgan_toolkit.domains.audio import AudioFolderSource, fsdd_source
from seqgan_toolkit.errors import UserError


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def everything(source: AudioFolderSource) -> list[tuple[str, str, str | None]]:
    return [(split, item.value.name, item.label) for split in SPLITS for item in source.items(split)]


def test_folders_are_labels_at_any_depth_and_other_files_are_passed_over(tmp_path):
    make(tmp_path, "cat/a.wav", "dog/b.FLAC", "x/dog/c.ogg", "cat/d.mp3", "cat/notes.txt")
    found = {name: label for _, name, label in everything(AudioFolderSource(tmp_path))}
    assert found == {"a.wav": "cat", "b.FLAC": "dog", "c.ogg": "dog", "d.mp3": "cat"}


def test_no_labels(tmp_path):
    make(tmp_path, "a.wav", "b.wav")
    assert {label for *_, label in everything(AudioFolderSource(tmp_path, label="none"))} == {None}


def test_fsdd_names_give_digits_speakers_and_the_official_test_split(tmp_path):
    make(tmp_path, *(f"{digit}_theo_{index}.wav" for digit in range(10) for index in (0, 4, 5, 14, 49)))
    source = fsdd_source(tmp_path)
    tests = [(name, label) for split, name, label in everything(source) if split == "test"]
    assert len(tests) == source.size("test") == 20
    assert all(
        name.endswith(("_0.wav", "_4.wav")) and label == f"digit={name[0]},speaker=theo" for name, label in tests
    )
    assert sum(source.size(split) for split in SPLITS) == 50


def test_splits_have_about_the_shares_asked_for_and_never_change(tmp_path):
    make(tmp_path, *(f"{index}.wav" for index in range(600)))
    first, second = (AudioFolderSource(tmp_path, valid_share=0.1, test_share=0.2) for _ in range(2))
    assert everything(first) == everything(second)
    assert 35 <= first.size("valid") <= 85
    assert 85 <= first.size("test") <= 155


def test_a_folder_without_sound_says_what_it_looked_for_and_found(tmp_path):
    make(tmp_path, "a.txt", "b.txt", "c.m4a")
    with pytest.raises(UserError, match=r"looked for \.wav, \.flac, \.ogg, \.mp3, found 2 \.txt, 1 \.m4a"):
        AudioFolderSource(tmp_path)
    make(tmp_path / "tunes", "a.mid")
    with pytest.raises(UserError, match=r"found 1 \.mid; \.mid files are for recipes such as audio_events$"):
        AudioFolderSource(tmp_path / "tunes")
    with pytest.raises(UserError, match=r"a\.mid: this is a file; give the folder of all sound files"):
        AudioFolderSource(tmp_path / "tunes" / "a.mid")


def test_an_empty_and_a_missing_folder(tmp_path):
    with pytest.raises(UserError, match="found no files at all"):
        AudioFolderSource(tmp_path)
    with pytest.raises(UserError, match="missing: no such folder"):
        AudioFolderSource(tmp_path / "missing")


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (r"^(?P<label>\d)_", r"word\.wav: the label pattern .* does not match"),
        (r"^\d_", "no named group"),
        (r"(?P<digit>\d)_(?P<rest>.*)\.", r"word\.wav: the label pattern .* does not match"),
        (r"(", "not a regular expression"),
    ],
)
def test_label_patterns_that_do_not_fit(tmp_path, label, message):
    make(tmp_path, "1_a.wav", "word.wav")
    with pytest.raises(UserError, match=message):
        AudioFolderSource(tmp_path, label=label)


def test_the_real_fsdd():
    folder = Path(os.environ.get("SEQGAN_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")) / "fsdd"
    if not folder.is_dir():
        pytest.skip("FSDD is not in SEQGAN_DATA")
    source = fsdd_source(folder)
    assert source.size("test") == 300
    assert source.size("train") + source.size("valid") == 2700
