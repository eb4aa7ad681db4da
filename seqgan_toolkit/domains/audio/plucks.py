"""The built-in source of audio: plucked strings, synthesised here, whose pitch is known exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.audio.reading import Clip

PITCHES = range(57, 81)
"""MIDI note numbers, A3 (220 Hz) to G#5 (831 Hz)."""
LEAST_TEST_CLIPS = 480
VALID_SHARE = 0.05

Waveform = npt.NDArray[np.float32]


def midi_to_hz(midi: float) -> float:
    """Return the frequency of a MIDI note in equal temperament, A4 = note 69 = 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


def label_to_midi(label: str) -> int:
    """Return the MIDI note behind a label of this source, for instance 57 for `midi-57`."""
    return int(label.removeprefix("midi-"))


@dataclass(frozen=True)
class String:
    """One plucked string.

    Attributes:
        hertz: frequency of the first partial, but for the stiffness.
        seconds: length of the clip.
        pluck_position: where it is plucked, as a share of its length; partials with a node there are missing.
        roll_off: partial n is weaker by n to this power.
        stiffness: B in f_n = n f sqrt(1 + B n^2), which stretches the upper partials.
        decay: nepers a second by which the first partial fades.
        damping: how much faster each higher partial fades, as a share of `decay`.
        attack: seconds in which the sound rises.
        peak: largest absolute sample.
        noise: standard deviation of the background noise, relative to the peak.
        scrape: level of the burst of noise at the pluck, relative to the peak.
    """

    hertz: float
    seconds: float
    pluck_position: float
    roll_off: float
    stiffness: float
    decay: float
    damping: float
    attack: float
    peak: float
    noise: float
    scrape: float


def draw_string(midi: int, rng: np.random.Generator) -> String:
    """Draw the timbre, length and loudness of a string tuned to `midi`."""
    seconds = rng.uniform(0.25, 0.7)
    return String(
        hertz=midi_to_hz(midi),
        seconds=seconds,
        pluck_position=rng.uniform(0.12, 0.5),
        roll_off=rng.uniform(0.6, 2.0),
        stiffness=10 ** rng.uniform(-5, -3.7),
        decay=rng.uniform(1.5, 4.0) / seconds,
        damping=rng.uniform(0.02, 0.25),
        attack=rng.uniform(0.001, 0.012),
        peak=10 ** rng.uniform(-0.6, -0.05),
        noise=10 ** rng.uniform(-3.0, -2.2),
        scrape=10 ** rng.uniform(-1.6, -0.8),
    )


def pluck(string: String, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """Return the sound of a string, float32 [samples]; `rng` draws its phases and its noise."""
    time = np.arange(int(string.seconds * sample_rate)) / sample_rate
    sound = _partials(string, time, 0.45 * sample_rate, rng) * np.minimum(time / string.attack, 1.0)
    sound /= np.abs(sound).max()
    sound += string.scrape * np.exp(-time / 0.006) * rng.standard_normal(len(time))
    sound += string.noise * rng.standard_normal(len(time))
    sound *= np.minimum((time[-1] - time) / 0.01, 1.0)
    waveform: Waveform = (string.peak * sound / np.abs(sound).max()).astype(np.float32)
    return waveform


def _partials(
    string: String, time: npt.NDArray[np.float64], highest_hz: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    number = np.arange(1, int(highest_hz / string.hertz) + 1)[:, None]
    hertz = number * string.hertz * np.sqrt(1 + string.stiffness * number**2)
    level = np.abs(np.sin(np.pi * number * string.pluck_position)) / number**string.roll_off
    level = np.where(hertz < highest_hz, level, 0.0)
    decay = string.decay * (1 + string.damping * (number - 1))
    phase = rng.uniform(0, 2 * np.pi, number.shape)
    waves = level * np.exp(-decay * time) * np.sin(2 * np.pi * hertz * time + phase)
    mixed: npt.NDArray[np.float64] = waves.sum(axis=0)
    return mixed


class PlucksSource:
    """Plucked strings of 24 pitches, labelled `midi-57` to `midi-80`; the same seed gives the same clips.

    Args:
        num_clips: clips of the training split; validation has 5 % as many, and the test split at least 480.
        sample_rate: Hz.
        seed: of everything that varies.
    """

    name = "plucks"

    def __init__(self, *, num_clips: int, sample_rate: int = 8000, seed: int = 0) -> None:
        valid = max(len(PITCHES), round(VALID_SHARE * num_clips))
        self._sizes: dict[Split, int] = {"train": num_clips, "valid": valid, "test": max(LEAST_TEST_CLIPS, valid)}
        self._sample_rate = sample_rate
        self._seed = seed

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the clips of a split; the pitches take turns, so every stretch of 24 has each of them once."""
        for index in range(self._sizes[split]):
            midi = PITCHES[index % len(PITCHES)]
            rng = np.random.default_rng([self._seed, list(self._sizes).index(split), index])
            waveform = pluck(draw_string(midi, rng), self._sample_rate, rng)
            yield RawItem(Clip(waveform, self._sample_rate), f"midi-{midi}", f"plucks {split} {index}")

    def size(self, split: Split) -> int:
        """Return the number of clips of a split."""
        return self._sizes[split]
