import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from seqgan_toolkit.domains.audio import AudioDomain, AudioFolderSource, FeatureSpec, prepare_audio
from seqgan_toolkit.errors import UserError

SPEC = FeatureSpec(max_seconds=0.5)


@pytest.fixture
def folder(tmp_path: Path, tone) -> Path:
    for index in range(6):
        path = tmp_path / "sounds" / "ab"[index % 2] / f"{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(0.3, rate=16000, hertz=300.0 + 50 * index), 16000)
    return tmp_path / "sounds"


def from_folder(folder: Path) -> AudioFolderSource:
    return AudioFolderSource(folder, valid_share=0.0, test_share=0.0)


def test_a_folder_becomes_a_corpus(folder, tmp_path):
    corpus = prepare_audio(from_folder(folder), tmp_path / "corpus", SPEC, seed=0)
    train = corpus.splits["train"]
    assert corpus.label_names == ("a", "b")
    assert train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert train.lengths.tolist() == [38] * 6
    values = train.head(6).values
    assert values.min() >= -1
    assert values.max() == 1
    assert not list(tmp_path.glob(".corpus*"))


def test_the_scale_comes_from_the_training_split_alone(tmp_path, clips_of, tone):
    quiet, loud = tone(0.3, 0.2), tone(0.3, 0.9)
    corpus = prepare_audio(clips_of(train=[quiet, quiet], test=[loud]), tmp_path / "corpus", SPEC, seed=0)
    assert corpus.splits["train"].head(2).values.max() == 1
    assert (corpus.splits["test"].head(1).values == 1).float().mean() > (
        corpus.splits["train"].head(2).values == 1
    ).float().mean()
    alone = prepare_audio(clips_of(train=[quiet, quiet]), tmp_path / "alone", SPEC, seed=0)
    assert alone.domain_state == corpus.domain_state


def test_long_clips_are_cut_and_counted(tmp_path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3), tone(0.9), tone(0.8)]), tmp_path / "corpus", SPEC, seed=0)
    assert corpus.notes["cut_to_max_seconds"] == 2
    assert corpus.max_length == SPEC.max_frames == 63


def test_a_bad_file_ends_the_command_or_is_left_out(folder, tmp_path, capsys):
    (folder / "a" / "bad.wav").write_bytes(b"not sound")
    soundfile.write(folder / "b" / "silent.wav", np.zeros(4000), 8000)
    with pytest.raises(UserError, match=r"bad\.wav: cannot be read as sound .*data\.skip_bad=true"):
        prepare_audio(from_folder(folder), tmp_path / "corpus", SPEC, seed=0)
    corpus = prepare_audio(from_folder(folder), tmp_path / "corpus", SPEC, seed=0, skip_bad=True)
    assert len(corpus.splits["train"]) == 6
    assert corpus.notes["left_out"] == 2
    said = capsys.readouterr().err
    assert "bad.wav" in said
    assert "silent.wav" in said


def test_nothing_usable_is_one_message(tmp_path, clips_of):
    with pytest.raises(UserError, match="no training clip is left"):
        prepare_audio(clips_of(train=[np.zeros(800, np.float32)] * 3), tmp_path / "c", SPEC, seed=0, skip_bad=True)


def test_the_domain_survives_json_and_decodes_alike(tmp_path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3), tone(0.2)]), tmp_path / "corpus", SPEC, seed=0)
    domain = AudioDomain.from_state(corpus.domain_state)
    again = AudioDomain.from_state(json.loads(json.dumps(domain.state())))
    assert again.space == domain.space == corpus.space
    assert again.state() == domain.state()
    batch = corpus.splits["train"].head(2)
    for one, other in zip(domain.decode(batch), again.decode(batch), strict=True):
        np.testing.assert_array_equal(one, other)


def test_decoded_clips_keep_their_order_length_and_level(tmp_path, clips_of, tone):
    clips = [tone(seconds, 0.5) for seconds in (0.4, 0.2, 0.3)]
    corpus = prepare_audio(clips_of(train=clips), tmp_path / "corpus", SPEC, seed=0)
    decoded = AudioDomain.from_state(corpus.domain_state).decode(corpus.splits["train"].head(3))
    for clip, copy in zip(clips, decoded, strict=True):
        assert 0 <= len(copy) - len(clip) < SPEC.hop
        assert np.sqrt(np.mean(copy**2)) == pytest.approx(np.sqrt(np.mean(clip**2)), rel=0.2)


def test_decoding_does_not_touch_the_gradient_or_the_global_generator(tmp_path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3), tone(0.2)]), tmp_path / "corpus", SPEC, seed=0)
    batch = corpus.splits["train"].head(2)
    batch.values.requires_grad_()
    before = torch.get_rng_state()
    AudioDomain.from_state(corpus.domain_state).decode(batch)
    assert torch.equal(torch.get_rng_state(), before)
    assert batch.values.grad is None


def test_written_clips_are_16_bit_wav_and_a_picture(tmp_path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3), tone(0.2)]), tmp_path / "corpus", SPEC, seed=0)
    domain = AudioDomain.from_state(corpus.domain_state)
    clips = domain.decode(corpus.splits["train"].head(2))
    paths = domain.write(clips, tmp_path / "out")
    assert [path.name for path in paths] == ["clip-0000.wav", "clip-0001.wav", "spectrograms.png"]
    assert soundfile.info(paths[0]).subtype == "PCM_16"
    samples, rate = soundfile.read(paths[0], dtype="float32")
    assert rate == 8000
    np.testing.assert_allclose(samples, clips[0], atol=1e-4)
    first = paths[2].read_bytes()
    assert first[:8] == b"\x89PNG\r\n\x1a\n"
    assert domain.preview(clips, tmp_path / "again").read_bytes() == first
