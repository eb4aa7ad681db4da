import math

import pytest
import torch
import torchaudio

from seqgan_toolkit.domains.audio.features import FeatureSpec, FrameScale, LogMel
from seqgan_toolkit.domains.audio.sheet import _mel_position


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (64, 1), (65, 2), (640, 10), (4001, 63)])
def test_a_clip_has_a_frame_for_each_hop_begun(samples, frames):
    assert LogMel(FeatureSpec())(torch.ones(samples)).shape == (frames, 64)


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 3000.0])
def test_a_tone_is_loudest_in_the_filter_of_its_frequency(hertz):
    spec = FeatureSpec()
    tone = torch.sin(2 * math.pi * hertz * torch.arange(4000) / spec.sample_rate)
    loudest = LogMel(spec)(tone)[20].argmax().item()
    assert abs(loudest - _mel_position(hertz, spec)) <= 1


def test_frames_are_those_of_torchaudio():
    spec, noise = FeatureSpec(), torch.randn(2000, generator=torch.Generator().manual_seed(0))
    settings = {"sample_rate": 8000, "n_fft": 256, "hop_length": 64, "n_mels": 64, "power": 1.0, "center": False}
    left, right = spec.margins
    padded = torch.nn.functional.pad(noise, (left, right + 48))
    expected = torchaudio.transforms.MelSpectrogram(**settings)(padded).T
    torch.testing.assert_close(LogMel(spec)(noise).exp(), expected, rtol=1e-4, atol=1e-5)


def test_many_clips_have_the_frames_of_each_alone():
    log_mel = LogMel(FeatureSpec())
    clips = [torch.randn(count, generator=torch.Generator().manual_seed(count)).numpy() for count in (900, 1, 1300)]
    frames, lengths = log_mel.many(clips)
    assert lengths.tolist() == [15, 1, 21]
    for clip, found, length in zip(clips, frames, lengths, strict=True):
        torch.testing.assert_close(found[:length], log_mel(torch.from_numpy(clip)), rtol=0, atol=1e-5)
    assert (frames[1, 3:] < math.log(2e-7)).all(), "silence follows"


def test_silence_has_a_gradient():
    clip = torch.zeros(500, requires_grad=True)
    LogMel(FeatureSpec())(clip).sum().backward()
    assert torch.isfinite(clip.grad).all()


def test_doubling_a_clip_adds_log_two():
    noise = torch.randn(2000, generator=torch.Generator().manual_seed(0))
    log_mel = LogMel(FeatureSpec())
    torch.testing.assert_close(
        log_mel(2 * noise) - log_mel(noise), torch.full((32, 64), math.log(2)), atol=1e-4, rtol=0
    )


def test_the_scale_maps_floor_and_tops_to_the_ends_and_back():
    loudest = torch.tensor([5.0, 3.0, -9.0])
    scale = FrameScale.fit(loudest, 80.0)
    assert scale.floor == pytest.approx(5.0 - 80 * math.log(10) / 20)
    torch.testing.assert_close(scale.scale(loudest)[:2], torch.ones(2))
    assert scale.scale(torch.full((3,), -30.0)).tolist() == [-1, -1, -1]
    assert scale.tops[2] == pytest.approx(scale.floor + 20 * math.log(10) / 20)
    inside = torch.tensor([[0.0, -1.0, -3.0]])
    torch.testing.assert_close(scale.unscale(scale.scale(inside)), inside)


def test_silence_is_the_padding_value():
    spec = FeatureSpec()
    log_mel = LogMel(spec)
    tone = log_mel(torch.sin(torch.arange(4000) * 0.3))
    scale = FrameScale.fit(tone.amax(dim=0), spec.range_db)
    assert (scale.scale(log_mel(torch.zeros(640))) == scale.space.low).all()
