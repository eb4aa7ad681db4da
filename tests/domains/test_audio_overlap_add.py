import torch

from seqgan_toolkit.domains.audio.overlap_add import inverse_stft, overlap_add, overlap_weight


def test_windows_are_added_at_their_hops():
    windows = torch.tensor([[[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]])
    assert overlap_add(windows, 2).tolist() == [[1.0, 2.0, 13.0, 20.0, 30.0]]


def test_the_inverse_of_an_stft_is_the_signal():
    signal, window = torch.randn(2, 5 * 16 + 48), torch.hann_window(64)
    spectrum = torch.fft.rfft(signal.unfold(1, 64, 16) * window)
    mask = torch.ones(spectrum.shape[:2], dtype=torch.bool)
    rebuilt = inverse_stft(spectrum, window, overlap_weight(window, mask, 16), mask, 16)
    # The very first sample has a weight of 0.
    torch.testing.assert_close(rebuilt[:, 8:-8], signal[:, 8:-8], atol=1e-5, rtol=0)
