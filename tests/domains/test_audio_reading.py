import numpy as np
import pytest
import soundfile

from seqgan_toolkit.domains.audio.reading import BadClipError, Clip, check_clip, read_clip, resample, trim

TONE = (0.5 * np.sin(np.arange(16000) * 0.2)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-6),
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "FLOAT", 0),
        ("a.wav", "DOUBLE", 0),
        ("a.flac", "PCM_16", 1e-4),
        ("a.ogg", "VORBIS", 0.05),
    ],
)
def test_widths_and_containers(tmp_path, name, subtype, tolerance):
    soundfile.write(tmp_path / name, TONE, 16000, subtype=subtype)
    clip = read_clip(tmp_path / name, 1.0)
    assert clip.sample_rate == 16000
    assert clip.samples.dtype == np.float32
    np.testing.assert_allclose(clip.samples, TONE, atol=tolerance)


def test_mp3(tmp_path):
    soundfile.write(tmp_path / "a.mp3", TONE, 16000)
    clip = read_clip(tmp_path / "a.mp3", 1.0)
    assert abs(len(clip.samples) - 16000) < 1200
    assert np.abs(clip.samples).max() == pytest.approx(0.5, abs=0.05)


def test_eight_channels_become_their_mean(tmp_path):
    channels = np.stack([TONE * scale for scale in np.linspace(0, 1, 8)], axis=1)
    soundfile.write(tmp_path / "a.wav", channels, 44100, subtype="FLOAT")
    np.testing.assert_allclose(read_clip(tmp_path / "a.wav", 1.0).samples, TONE / 2, atol=1e-6)


def test_no_more_than_a_minute_beyond_the_longest_clip_is_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.ones(1000 * 70, np.float32) * 0.1, 1000)
    assert len(read_clip(tmp_path / "a.wav", 2.0).samples) == 62_000


@pytest.mark.parametrize(("name", "frames"), [("a.wav", 16000), ("a.flac", 16000), ("a.mp3", 80000)])
@pytest.mark.parametrize("kept", [0.6, 0.001])
def test_files_cut_short_are_refused(tmp_path, name, frames, kept):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, frames).astype(np.float32)
    soundfile.write(tmp_path / name, noise, 16000)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(BadClipError, match=rf"{name}: (cut short|cannot be read)"):
        read_clip(tmp_path / name, 10.0)


def test_a_wav_from_a_pipe_has_no_size_and_is_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", TONE, 16000)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    where = data.index(b"data") + 4
    data[where : where + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    assert len(read_clip(tmp_path / "a.wav", 1.0).samples) == 16000


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "an empty file"), (b"just some text, no sound", "cannot be read as sound")]
)
def test_what_is_not_sound_is_refused_by_name(tmp_path, content, message):
    (tmp_path / "b.wav").write_bytes(content)
    with pytest.raises(BadClipError, match=rf"b\.wav: {message}"):
        read_clip(tmp_path / "b.wav", 1.0)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0), "holds no samples"),
        (np.zeros(800), "silent"),
        (np.full(800, 0.3), "silent"),
        (np.array([0.1, np.nan, 0.2]), "not finite"),
    ],
)
def test_clips_without_sound_are_refused(samples, message):
    with pytest.raises(BadClipError, match=f"here: .*{message}"):
        check_clip(Clip(samples.astype(np.float32), 8000), "here")


@pytest.mark.parametrize("rate", [11025, 44100, 96000, 44101])
def test_resampling_keeps_a_tone(rate):
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    resampled = resample(Clip(tone, rate), 8000)
    expected = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    assert len(resampled) == 8000
    np.testing.assert_allclose(resampled[200:-200], expected[200:-200], atol=1e-2)


def test_resampling_removes_what_would_alias():
    tone = np.sin(2 * np.pi * 6000 * np.arange(44100) / 44100).astype(np.float32)
    assert np.abs(resample(Clip(tone, 44100), 8000)[200:-200]).max() < 1e-2


def test_trimming_cuts_silent_ends_and_only_them():
    sound = TONE[:4000].copy()
    sound[1800:2200] = 0
    clip = np.concatenate([np.zeros(3000, np.float32), sound, np.zeros(2000, np.float32)])
    trimmed = trim(clip, 40.0, 256, 64)
    assert 4000 <= len(trimmed) <= 4000 + 2 * 256
    assert len(trim(clip, None, 256, 64)) == len(clip)
