import math

import pytest
import torch

from seqgan_toolkit.domains.audio.features import FeatureSpec, LogMel
from seqgan_toolkit.domains.audio.griffin_lim import GriffinLim


def tone(samples: int, hertz: float = 440.0) -> torch.Tensor:
    return 0.5 * torch.sin(2 * math.pi * hertz * torch.arange(samples) / 8000)


def padded(frames: list[torch.Tensor], num_frames: int) -> torch.Tensor:
    return torch.stack([torch.nn.functional.pad(one, (0, 0, 0, num_frames - len(one)), value=3.0) for one in frames])


@pytest.mark.parametrize(("n_fft", "hop"), [(256, 64), (256, 128), (256, 100), (255, 60)])
def test_the_rebuilt_clip_has_the_features_it_was_built_from(n_fft, hop):
    log_mel = LogMel(FeatureSpec(n_fft=n_fft, hop=hop, num_mels=48))
    frames = log_mel(tone(3000))
    rebuilt = GriffinLim(log_mel.spec, log_mel.filter_bank)(frames.exp()[None], torch.tensor([len(frames)]))[0]
    assert len(rebuilt) == len(frames) * hop
    again = log_mel(rebuilt)
    loud = frames > frames.max() - 1.5
    assert (again - frames)[2:-2][loud[2:-2]].abs().mean() < 0.2


def test_a_clip_does_not_depend_on_its_batch_or_padding():
    log_mel = LogMel(FeatureSpec())
    decoder = GriffinLim(log_mel.spec, log_mel.filter_bank)
    short, long = log_mel(tone(1500)), log_mel(tone(4000, 330.0))
    together = decoder(padded([short.exp(), long.exp()], len(long) + 5), torch.tensor([len(short), len(long)]))
    alone = decoder(short.exp()[None], torch.tensor([len(short)]))[0]
    # Sixty rounds of normalising phases amplify the last bits, which the two transforms' sizes may change.
    torch.testing.assert_close(together[0], alone, atol=1e-3, rtol=0)


def test_the_same_frames_give_the_same_samples_whatever_was_drawn_before():
    log_mel = LogMel(FeatureSpec())
    frames = log_mel(tone(1500)).exp()[None]
    lengths = torch.tensor([frames.shape[1]])
    first = GriffinLim(log_mel.spec, log_mel.filter_bank)(frames, lengths)[0]
    torch.rand(7)
    assert torch.equal(GriffinLim(log_mel.spec, log_mel.filter_bank)(frames, lengths)[0], first)
    assert not torch.equal(GriffinLim(log_mel.spec, log_mel.filter_bank, seed=1)(frames, lengths)[0], first)


def test_loud_clips_stay_in_range_and_ends_are_faded():
    log_mel = LogMel(FeatureSpec())
    frames = (log_mel(tone(3000)).exp() * 20)[None]
    clip = GriffinLim(log_mel.spec, log_mel.filter_bank)(frames, torch.tensor([frames.shape[1]]))[0]
    assert clip.abs().max() <= 1.0
    assert clip[0] == 0
    assert clip[-1].abs() < 1e-6
