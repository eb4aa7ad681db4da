"""Overlapping windows of samples, added up at their hops: the second half of every inverse STFT."""

from __future__ import annotations

import math

import torch

SMALLEST_WEIGHT = 1e-4


def overlap_add(windows: torch.Tensor, hop: int) -> torch.Tensor:
    """Add windows [B, T, n_fft] at their hops to [B, (T - 1) * hop + n_fft]."""
    batch, num_windows, n_fft = windows.shape
    parts = math.ceil(n_fft / hop)
    windows = torch.nn.functional.pad(windows, (0, parts * hop - n_fft))
    signal = windows.new_zeros(batch, num_windows + parts - 1, hop)
    for part in range(parts):
        signal[:, part : part + num_windows] += windows[..., part * hop : (part + 1) * hop]
    return signal.view(batch, -1)[:, : (num_windows - 1) * hop + n_fft]


def overlap_weight(window: torch.Tensor, mask: torch.Tensor, hop: int) -> torch.Tensor:
    """Return what overlapped windows are divided by after both transforms weighted them with `window`.

    Args:
        window: float [n_fft].
        mask: bool [B, T], true on windows that are not padding.
        hop: samples between windows.

    Returns:
        Float [B, (T - 1) * hop + n_fft], above 0.
    """
    return overlap_add(window.square() * mask[..., None], hop).clamp(min=SMALLEST_WEIGHT)


def inverse_stft(
    spectrum: torch.Tensor, window: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor, hop: int
) -> torch.Tensor:
    """Return the signal [B, (T - 1) * hop + n_fft] whose STFT comes closest to a spectrum (Griffin & Lim 1984, eq. 6).

    Args:
        spectrum: complex [B, T, n_fft // 2 + 1].
        window: float [n_fft].
        weight: `overlap_weight` of window and mask.
        mask: bool [B, T], true on windows that are not padding.
        hop: samples between windows.
    """
    windows = torch.fft.irfft(spectrum, n=len(window)) * window * mask[..., None]
    return overlap_add(windows, hop) / weight
