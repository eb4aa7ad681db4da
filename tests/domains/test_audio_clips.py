from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from seqgan_toolkit.domains.audio import AudioDomain, AudioFolderSource, ClipStore, FeatureSpec, prepare_audio
from seqgan_toolkit.domains.audio.features import LogMel
from seqgan_toolkit.errors import UserError

SPEC = FeatureSpec(max_seconds=0.5)


def test_the_kept_sound_gives_the_frames_of_its_sequence(tmp_path, clips_of, tone):
    corpus = prepare_audio(
        clips_of(train=[tone(0.3), tone(0.9), tone(0.21, 0.1)], valid=[tone(0.4, hertz=700.0)]),
        tmp_path / "c",
        SPEC,
        seed=0,
    )
    scale = AudioDomain.from_state(corpus.domain_state).scale
    for split in ("train", "valid"):
        store, sequences = ClipStore(corpus.directory, split), corpus.splits[split]
        assert len(store) == len(sequences)
        for index in range(len(store)):
            frames = scale.scale(LogMel(SPEC)(torch.from_numpy(store[index])))
            kept = sequences.batch([index]).values[0]
            assert frames.shape == kept.shape
            assert (frames - kept).abs().mean() < 0.01
    assert len(ClipStore(corpus.directory, "test")) == 0


def test_a_16_bit_file_at_the_rate_comes_back_exactly(tmp_path):
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, (3, 2000)).astype(np.int16)
    for index, row in enumerate(samples):
        soundfile.write(tmp_path / f"{index}.wav", row, 8000, subtype="PCM_16")
    source = AudioFolderSource(tmp_path, label="none", valid_share=0.0, test_share=0.0)
    corpus = prepare_audio(source, tmp_path / "corpus", FeatureSpec(trim_db=None), seed=0)
    store = ClipStore(corpus.directory, "train")
    for index, row in enumerate(samples):
        assert store[index].dtype == np.float32
        np.testing.assert_array_equal(store[index], row / np.float32(2**15))


def test_a_clip_beyond_full_scale_is_lowered_whole(tmp_path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3, 4.0), tone(0.3, 1.0)]), tmp_path / "c", SPEC, seed=0)
    loud, full = ClipStore(corpus.directory, "train")
    np.testing.assert_allclose(loud, full, atol=1e-4)


def test_a_clip_beyond_the_last_and_a_corpus_without_sound_are_told(tmp_path: Path, clips_of, tone):
    corpus = prepare_audio(clips_of(train=[tone(0.3)] * 2), tmp_path / "c", SPEC, seed=0)
    store = ClipStore(corpus.directory, "train")
    with pytest.raises(IndexError, match="clip 2 of 2"):
        store[2]
    (corpus.directory / "train.clip_offsets.npy").unlink()
    with pytest.raises(UserError, match="keeps no waveforms"):
        ClipStore(corpus.directory, "train")
