import pytest
import torch

from seqgan_toolkit.models.vocoder import Vocoder
from seqgan_toolkit.models.waveform_discriminator import WaveformDiscriminator
from seqgan_toolkit.objectives.waveforms import discriminator_loss, feature_distance, generator_loss
from seqgan_toolkit.sequences import FrameSpace

HOP = 16


@pytest.fixture
def vocoder() -> Vocoder:
    """A small vocoder whose blocks matter as much as what they add to."""
    torch.manual_seed(4)
    return Vocoder(FrameSpace(5), hop=HOP, hidden_dim=8, num_layers=2).eval()


def frames(rows: int, steps: int) -> torch.Tensor:
    return torch.rand(rows, steps, 5, generator=torch.Generator().manual_seed(rows + steps)) * 2 - 1


def test_a_clip_does_not_depend_on_its_batch_or_padding(vocoder):
    batch, lengths = frames(3, 30), torch.tensor([30, 11, 1])
    together = vocoder(batch, lengths)
    assert together.shape == (3, 30 * HOP)
    for row, length in enumerate(lengths.tolist()):
        alone = vocoder(batch[row : row + 1, :length], lengths[row : row + 1])[0]
        torch.testing.assert_close(together[row, : length * HOP], alone, atol=1e-5, rtol=0)


def test_a_sample_depends_on_the_frames_of_its_context_and_on_no_others(vocoder):
    batch = frames(1, 60)
    changed = batch.clone()
    changed[0, 30] = -batch[0, 30]
    lengths = torch.tensor([60])
    different = (vocoder(changed, lengths) - vocoder(batch, lengths))[0].view(60, HOP).abs().amax(1) > 1e-6
    places = different.nonzero()[:, 0]
    assert (int(places[0]), int(places[-1])) == (30 - vocoder.context, 30 + vocoder.context)


def test_views_see_every_sample_and_judge_each_clip_alone():
    torch.manual_seed(4)
    network = WaveformDiscriminator(resolutions=(32, 64), periods=(2, 3), channels=4)
    waveforms = torch.randn(2, 500, requires_grad=True)
    verdicts = network(waveforms)
    assert len(verdicts) == 4
    for one in verdicts:
        assert one.verdict.mask.all()
        (gradient,) = torch.autograd.grad(one.verdict.scores[0].sum(), waveforms, retain_graph=True)
        assert not gradient[1].any()
        assert (gradient[0, 64:-64] != 0).all()


def test_the_game_of_views_is_the_hinge_game():
    torch.manual_seed(4)
    network = WaveformDiscriminator(resolutions=(32,), periods=(3,), channels=4)
    real, fake = network(torch.randn(2, 200)), network(torch.randn(2, 200))
    scores = [(r.verdict.scores, f.verdict.scores) for r, f in zip(real, fake, strict=True)]
    expected = torch.stack([(1 - r).relu().mean() + (1 + f).relu().mean() for r, f in scores]).mean()
    torch.testing.assert_close(discriminator_loss(real, fake), expected)
    torch.testing.assert_close(generator_loss(real, fake), -torch.stack([f.mean() for _, f in scores]).mean())
    assert feature_distance(real, real) == 0
    assert feature_distance(real, fake) > 0
