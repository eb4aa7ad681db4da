"""Settings that cannot work together, found when the recipe is read and not hours later."""

from __future__ import annotations

import math


def check_mel_settings(
    *,
    sample_rate: int,
    n_fft: int,
    hop: int,
    num_mels: int,
    low_hz: float,
    high_hz: float | None,
    max_seconds: float,
) -> None:
    """Refuse mel settings that lose information or leave empty filters. Frequencies in Hz, windows in samples.

    Raises:
        ValueError: with what does not fit, and what would.
    """
    nyquist = sample_rate / 2
    high = nyquist if high_hz is None else high_hz
    if hop > n_fft // 2:
        raise ValueError(
            f"hop {hop} is more than half of n_fft {n_fft}: the windows would not overlap enough to rebuild the sound; "
            f"use a hop of at most {n_fft // 2}"
        )
    if max_seconds * sample_rate < n_fft:
        raise ValueError(
            f"a clip of max_seconds {max_seconds:g} has {math.floor(max_seconds * sample_rate)} samples at sample_rate "
            f"{sample_rate}, fewer than one window of n_fft {n_fft}: use max_seconds {n_fft / sample_rate:g} or more, "
            "or a smaller n_fft"
        )
    if high > nyquist:
        raise ValueError(
            f"high_hz {high:g} is above half the sample rate: use at most {nyquist:g}, or a sample_rate of "
            f"at least {math.ceil(2 * high)}"
        )
    if low_hz >= high:
        raise ValueError(f"low_hz {low_hz:g} is not below high_hz {high:g}")
    if empty_filters(sample_rate, n_fft, num_mels, low_hz, high):
        raise ValueError(_empty_filter_message(sample_rate, n_fft, num_mels, low_hz, high))


def empty_filters(sample_rate: int, n_fft: int, num_mels: int, low_hz: float, high_hz: float) -> list[int]:
    """Return the mel filters that no bin of the spectrum falls into.

    The scale is torchaudio's default ("HTK"), mel = 2595 log10(1 + f / 700), with triangular filters whose feet are
    the centres of their neighbours; the audio features use the same.
    """
    edges = [_mel_to_hz(mel) for mel in _evenly(_hz_to_mel(low_hz), _hz_to_mel(high_hz), num_mels + 2)]
    spacing = (sample_rate // 2) / (n_fft // 2)
    return [index for index in range(num_mels) if not _has_bin(edges[index], edges[index + 2], spacing, n_fft // 2)]


def _has_bin(low_hz: float, high_hz: float, spacing: float, last_bin: int) -> bool:
    """Tell whether a multiple of `spacing` lies strictly between the two feet of a filter."""
    first_above = math.floor(low_hz / spacing * (1 + 1e-9)) + 1
    return first_above <= last_bin and first_above * spacing < high_hz * (1 - 1e-9)


def _empty_filter_message(sample_rate: int, n_fft: int, num_mels: int, low_hz: float, high_hz: float) -> str:
    empty = len(empty_filters(sample_rate, n_fft, num_mels, low_hz, high_hz))
    needed = 1 << n_fft.bit_length()
    while empty_filters(sample_rate, needed, num_mels, low_hz, high_hz):
        needed *= 2
    ways = [f"n_fft {needed}"]
    for fewer in range(num_mels - 1, 0, -1):
        if not empty_filters(sample_rate, n_fft, fewer, low_hz, high_hz):
            ways.insert(0, f"at most {fewer} num_mels")
            break
    return (
        f"{empty} of {num_mels} mel filters from {low_hz:g} to {high_hz:g} Hz would be empty at n_fft {n_fft} and "
        f"sample_rate {sample_rate}: use {' or '.join(ways)}"
    )


def _hz_to_mel(hz: float) -> float:
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def _mel_to_hz(mel: float) -> float:
    return 700.0 * math.expm1(mel / 2595.0 * math.log(10.0))


def _evenly(first: float, last: float, count: int) -> list[float]:
    return [first + (last - first) * index / (count - 1) for index in range(count)]
