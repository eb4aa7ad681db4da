import math

import torch

from seqgan_toolkit.domains.audio.features import FeatureSpec, LogMel
from seqgan_toolkit.domains.audio.spectra import SpectralDistance

NOISE = 0.1 * torch.randn(2, 4000, generator=torch.Generator().manual_seed(1))
DISTANCE = SpectralDistance(LogMel(FeatureSpec()), -20.0, (64, 256))


def test_phases_do_not_matter_and_levels_do():
    assert DISTANCE.mel(NOISE, NOISE) == 0
    assert DISTANCE.stft(NOISE, NOISE) == 0
    assert DISTANCE.mel(NOISE, -NOISE) < 1e-6
    assert DISTANCE.stft(NOISE, -NOISE) < 1e-6
    torch.testing.assert_close(DISTANCE.mel(NOISE, 2 * NOISE), torch.tensor(math.log(2)), atol=1e-3, rtol=0)
    # Twice as loud: a spectral convergence of 1, and log 2 in every bin.
    torch.testing.assert_close(DISTANCE.stft(NOISE, 2 * NOISE), torch.tensor(1 + math.log(2)), atol=1e-2, rtol=0)


def test_what_lies_far_below_the_floor_does_not_count():
    loud_floor = SpectralDistance(LogMel(FeatureSpec()), 8.0, (64,))
    assert loud_floor.mel(NOISE, 2 * NOISE) < 0.01


def test_its_gradient_makes_a_copy_as_loud_as_the_clip():
    level = torch.tensor(0.3, requires_grad=True)
    for _ in range(200):
        loss = DISTANCE.mel(NOISE, level * NOISE) + DISTANCE.stft(NOISE, level * NOISE)
        (gradient,) = torch.autograd.grad(loss, level)
        with torch.no_grad():
            level -= 0.01 * gradient
    assert abs(float(level.detach()) - 1) < 0.05
