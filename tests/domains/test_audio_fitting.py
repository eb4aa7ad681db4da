import math

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.domains.audio.features import FeatureSpec, LogMel
from seqgan_toolkit.domains.audio.fitting import FrameFit
from seqgan_toolkit.sequences import length_mask

FLOOR = -6.0


def fit_of(spec: FeatureSpec, steps: int = 50) -> FrameFit:
    return FrameFit(spec, FLOOR, LogMel(spec).filter_bank, steps=steps)


def signals(rows: int, samples: int) -> torch.Tensor:
    return 0.1 * torch.randn(rows, samples, generator=torch.Generator().manual_seed(1))


def frames_with_margins(signal: torch.Tensor, spec: FeatureSpec) -> torch.Tensor:
    """Return the frames [B, T, F] of signals that have their margins already."""
    left, right = spec.margins
    return LogMel(spec)(signal[:, left : signal.shape[1] - right])


@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (64, 25), (63, 21)])
def test_the_gradient_is_that_of_the_squared_differences(n_fft, hop):
    spec = FeatureSpec(n_fft=n_fft, hop=hop, num_mels=12)
    signal = signals(2, 5 * hop + n_fft).requires_grad_()
    window = torch.hann_window(n_fft)
    mel = torch.fft.rfft(signal.unfold(1, n_fft, hop) * window).abs() @ LogMel(spec).filter_bank
    generator = torch.Generator().manual_seed(2)
    log_mel, importance = torch.randn(mel.shape, generator=generator), torch.rand(mel.shape, generator=generator)
    assert (mel.log() > FLOOR).all()
    ((mel.log() - log_mel).square() * importance).sum().backward()
    found = fit_of(spec).gradient(signal.detach(), log_mel, importance)
    torch.testing.assert_close(found, signal.grad, rtol=1e-3, atol=1e-3 * float(signal.grad.abs().max()))


def sizes_of(wanted: torch.Tensor, spec: FeatureSpec) -> torch.Tensor:
    return (wanted.exp() @ torch.linalg.pinv(LogMel(spec).filter_bank)).clamp(min=0)


def error(signal: torch.Tensor, wanted: torch.Tensor, spec: FeatureSpec) -> float:
    return float((frames_with_margins(signal, spec).clamp(min=FLOOR) - wanted).square().mean())


def quiet_ends(signal: torch.Tensor, spec: FeatureSpec) -> torch.Tensor:
    """Return what a decoder leaves of a signal: nothing in its margins."""
    left, right = spec.margins
    return functional.pad(signal[:, left : signal.shape[1] - right], (left, right))


def test_a_signal_comes_closer_to_frames_that_no_signal_has():
    spec = FeatureSpec(num_mels=48)
    seconds = torch.arange(30 * spec.hop + spec.n_fft - spec.hop) / spec.sample_rate
    tone = 0.3 * torch.sin(2 * math.pi * 500 * seconds)[None]
    signal = quiet_ends(tone + 0.01 * signals(1, len(seconds)), spec)
    wanted = frames_with_margins(signal, spec)
    grains = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(3))
    wanted = (wanted + 0.5 * grains).clamp(min=FLOOR)
    mask = torch.ones(wanted.shape[:2], dtype=torch.bool)
    fitted = quiet_ends(fit_of(spec)(signal, wanted, sizes_of(wanted, spec), mask, 0), spec)
    assert error(fitted, wanted, spec) < 0.8 * error(signal, wanted, spec)


def test_what_is_quiet_beside_a_loud_tone_comes_closer_too():
    """Steps of one size for all samples would fill what is quiet beside a tone."""
    spec = FeatureSpec(num_mels=48)
    seconds = torch.arange(30 * spec.hop + spec.n_fft - spec.hop) / spec.sample_rate
    tone = quiet_ends(0.5 * torch.sin(2 * math.pi * 440 * seconds)[None], spec)
    wanted = frames_with_margins(tone, spec).clamp(min=FLOOR)
    disturbed = quiet_ends(tone + 0.03 * signals(1, len(seconds)), spec)
    mask = torch.ones(wanted.shape[:2], dtype=torch.bool)
    fitted = quiet_ends(fit_of(spec)(disturbed, wanted, sizes_of(wanted, spec), mask, 0), spec)
    assert error(fitted, wanted, spec) < 0.25 * error(disturbed, wanted, spec)


def test_what_is_settled_and_what_lies_behind_the_end_stay_and_clips_do_not_touch_each_other():
    spec = FeatureSpec(num_mels=48)
    signal = signals(2, 12 * spec.hop + spec.n_fft - spec.hop)
    lengths = torch.tensor([12, 6])
    wanted = frames_with_margins(signal, spec).flip(0)
    sizes, mask, fit = sizes_of(wanted, spec), length_mask(lengths, 12), fit_of(spec, steps=5)
    sizes[1, 6:] = 0
    together = fit(signal, wanted, sizes, mask, 300)
    assert torch.equal(together[:, :300], signal[:, :300])
    end = 5 * spec.hop + spec.n_fft
    assert torch.equal(together[1, end:], signal[1, end:])
    assert not torch.equal(together[1, 300:end], signal[1, 300:end])
    alone = fit(signal[1:, :end], wanted[1:, :6], sizes[1:, :6], mask[1:, :6], 300)
    torch.testing.assert_close(together[1:, :end], alone, rtol=0, atol=1e-4)


def test_silence_stays_silence():
    spec = FeatureSpec(num_mels=48)
    silent = torch.zeros(1, 4 * spec.hop + spec.n_fft - spec.hop)
    wanted, mask = torch.full((1, 4, 48), FLOOR), torch.ones(1, 4, dtype=torch.bool)
    assert not fit_of(spec)(silent, wanted, torch.zeros(1, 4, 129), mask, 0).any()
