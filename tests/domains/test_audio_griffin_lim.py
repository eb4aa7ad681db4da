import math

import pytest
import torch

from seqgan_toolkit.domains.audio import decoder as decoding
from seqgan_toolkit.domains.audio.decoder import finish
from seqgan_toolkit.domains.audio.features import FeatureSpec, FrameScale, LogMel
from seqgan_toolkit.domains.audio.griffin_lim import GriffinLim


def tone(samples: int, hertz: float = 440.0) -> torch.Tensor:
    return 0.5 * torch.sin(2 * math.pi * hertz * torch.arange(samples) / 8000)


def analysed(waveform: torch.Tensor, spec: FeatureSpec | None = None) -> tuple[torch.Tensor, LogMel, FrameScale]:
    """Return scaled frames [T, F], and what makes and scales them."""
    log_mel = LogMel(spec or FeatureSpec())
    frames = log_mel(waveform)
    scale = FrameScale.fit(frames.amax(0), 80.0)
    return scale.scale(frames), log_mel, scale


def griffin_lim(log_mel: LogMel, scale: FrameScale, **settings) -> GriffinLim:
    return GriffinLim(log_mel.spec, scale, log_mel.filter_bank, **settings)


def padded(frames: list[torch.Tensor], num_frames: int) -> torch.Tensor:
    return torch.stack([torch.nn.functional.pad(one, (0, 0, 0, num_frames - len(one)), value=0.7) for one in frames])


@pytest.mark.parametrize(("n_fft", "hop"), [(256, 64), (256, 128), (256, 100), (255, 60)])
def test_the_rebuilt_clip_has_the_features_it_was_built_from(n_fft, hop):
    frames, log_mel, scale = analysed(tone(3000), FeatureSpec(n_fft=n_fft, hop=hop, num_mels=48))
    rebuilt = griffin_lim(log_mel, scale).whole(frames[None], torch.tensor([len(frames)]))[0]
    assert len(rebuilt) == len(frames) * hop
    wanted, found = scale.unscale(frames), log_mel(rebuilt)
    loud = wanted > wanted.max() - 1.5
    assert (found - wanted)[2:-2][loud[2:-2]].abs().mean() < 0.2


def test_a_clip_does_not_depend_on_its_batch_or_padding():
    long, log_mel, scale = analysed(tone(4000, 330.0))
    short = scale.scale(log_mel(tone(1500)))
    decoder = griffin_lim(log_mel, scale)
    together = decoder.whole(padded([short, long], len(long) + 5), torch.tensor([len(short), len(long)]))
    alone = decoder.whole(short[None], torch.tensor([len(short)]))[0]
    # Sixty rounds of normalising phases amplify the last bits, which the two transforms' sizes may change.
    torch.testing.assert_close(together[0, : len(alone)], alone, atol=1e-3, rtol=0)


def test_the_same_frames_give_the_same_samples_whatever_was_drawn_before():
    frames, log_mel, scale = analysed(tone(1500))
    batch, lengths = frames[None], torch.tensor([len(frames)])
    first = griffin_lim(log_mel, scale).whole(batch, lengths)
    torch.rand(7)
    assert torch.equal(griffin_lim(log_mel, scale).whole(batch, lengths), first)
    assert not torch.equal(griffin_lim(log_mel, scale, seed=1).whole(batch, lengths), first)


@pytest.mark.parametrize("piece", [24, 40])
def test_pieces_are_as_good_as_the_whole_and_meet_without_a_click(piece, monkeypatch):
    seconds = torch.arange(8000) / 8000
    sweep = 0.5 * torch.sin(2 * math.pi * (300 * seconds + 200 * seconds**2))
    hiss = 0.01 * torch.randn(8000, generator=torch.Generator().manual_seed(1))
    frames, log_mel, scale = analysed(sweep + hiss)
    decoder = griffin_lim(log_mel, scale)
    whole = decoder.whole(frames[None], torch.tensor([len(frames)]))[0]
    monkeypatch.setattr(decoding, "PIECE_FRAMES", piece)
    pieces = list(decoder.pieces(frames))
    assert [len(one) for one in pieces[:-1]] == [piece * 64] * (len(pieces) - 1)
    joined = torch.cat(pieces)
    assert joined.shape == whole.shape
    errors = [(scale.scale(log_mel(one)) - frames).abs() for one in (whole, joined)]
    assert errors[1].mean() < 1.2 * errors[0].mean()
    # The frames at the joints, where samples that do not go on from each other would make a click in every band.
    joints = torch.arange(piece, len(frames), piece)
    assert errors[1][joints].mean() < 3 * errors[0].mean()
    # Samples that begin anew at every joint do click.
    anew = torch.cat([decoder.whole(part[None], torch.tensor([len(part)]))[0] for part in frames.split(piece)])
    assert (scale.scale(log_mel(anew)) - frames).abs()[joints].mean() > 1.5 * errors[1][joints].mean()


def test_loud_clips_stay_in_range_and_ends_are_faded():
    clip = finish(3 * tone(3000) + 0.5, 8000)
    assert clip.abs().max() <= 1.0
    assert clip[0] == 0
    assert clip[-1].abs() < 1e-6
