"""Faults of waveforms, and what is said of them during training."""

from __future__ import annotations

import numpy as np
import pytest

from seqgan_toolkit.domains.audio.alarms import Alarms
from seqgan_toolkit.domains.audio.faults import is_clipped, is_silent, is_single_tone
from seqgan_toolkit.domains.audio.plucks import draw_string, pluck


@pytest.fixture(scope="module")
def plucks():
    """Clips that have no fault."""
    generators = [np.random.default_rng(index) for index in range(20)]
    return [pluck(draw_string(60, rng), 8000, rng) for rng in generators]


def noise(seconds=0.5, scale=0.1):
    return (scale * np.random.default_rng(0).standard_normal(int(8000 * seconds))).astype(np.float32)


def test_one_sample_at_full_scale_is_no_clipping():
    waveform = np.zeros(100, np.float32)
    waveform[[10, 11, 50]] = 1
    assert not is_clipped(waveform)
    waveform[12] = 1
    assert is_clipped(waveform)


def test_silence_is_below_60_decibels():
    assert is_silent(noise(scale=0.9e-3))
    assert not is_silent(noise(scale=1.1e-3))


@pytest.mark.parametrize("seconds", [0.02, 0.3, 1.0])
def test_a_whistle_is_a_single_tone_and_an_octave_is_not(tone, seconds):
    assert is_single_tone(tone(seconds, hertz=700), 8000)
    assert is_single_tone(tone(seconds, hertz=700) + noise(seconds, 0.01), 8000)
    assert not is_single_tone(tone(seconds, hertz=700) + tone(seconds, 0.2, hertz=1400), 8000)
    assert not is_single_tone(noise(seconds), 8000)
    assert not is_single_tone(np.zeros(100, np.float32), 8000)


def test_a_fault_of_many_clips_is_said_with_a_remedy(tone, plucks):
    alarms = Alarms(8000, plucks)
    assert alarms(plucks) == []
    silent = [np.zeros(800, np.float32)] * 3
    assert alarms([*silent, *plucks[:4]]) == []
    (said,) = alarms([*silent, *plucks[:3]])
    assert said.startswith("3 of 6 previewed clips are silent: if it lasts, raise adversarial.penalty.gamma")
    (said,) = alarms([np.clip(50 * waveform, -1, 1) for waveform in plucks])
    assert "20 of 20 previewed clips are cut off at full scale" in said
    (said,) = alarms([tone(0.3, hertz=500)] * 5)
    assert "single tone" in said


def test_what_training_clips_are_like_is_no_fault(tone, plucks):
    whistles = [tone(0.3, hertz=400 + 10 * index) for index in range(20)]
    assert Alarms(8000, whistles)(whistles) == []
