"""Whether clips have the pitch that their label names, and how much the clips of one label vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.metrics.base import Measurement, share
from seqgan_toolkit.metrics.frames.pooled import pooled
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.spread import ClassDistances, relative_spread
from seqgan_toolkit.sequences import SequenceBatch

VERSION = 1
LOWEST_MIDI, HIGHEST_MIDI = 45, 92
"""The tracker's range: an octave on either side of the built-in notes, so that octave errors count as errors."""
WINDOW_SECONDS, HOP_SECONDS = 0.064, 0.016
UPSAMPLING = 4
"""YIN compares whole-sample delays: at 8 kHz a high note's period falls between them and the octave below wins."""
LOUD = 0.25
"""Windows whose level is above this share of the loudest decide the pitch; the rest is attack, tail or noise."""
SILENCE = 1e-4

Waveform = npt.NDArray[np.float32]


def track_pitch(waveform: Waveform, sample_rate: int) -> float:
    """Return the pitch of a clip as a MIDI number with fractions: the median of YIN over its loud windows.

    YIN: de Cheveigne and Kawahara, "YIN, a fundamental frequency estimator for speech and music" (2002).

    Args:
        waveform: float32 [samples].
        sample_rate: Hz.

    Returns:
        The pitch, between MIDI 45 and 92 but for the interpolation; nan where the clip is silent.
    """
    import librosa

    if not len(waveform) or np.abs(waveform).max() < SILENCE:
        return float("nan")
    rate = sample_rate * UPSAMPLING
    window, hop = round(WINDOW_SECONDS * rate), round(HOP_SECONDS * rate)
    finer = librosa.resample(waveform, orig_sr=sample_rate, target_sr=rate, res_type="soxr_hq")
    finer = np.pad(finer, (0, max(0, window - len(finer))))
    low, high = float(librosa.midi_to_hz(LOWEST_MIDI)), float(librosa.midi_to_hz(HIGHEST_MIDI))
    hertz = librosa.yin(finer, fmin=low, fmax=high, sr=rate, frame_length=window, hop_length=hop)
    level = librosa.feature.rms(y=finer, frame_length=window, hop_length=hop)[0][: len(hertz)]
    return float(librosa.hz_to_midi(np.median(hertz[level >= LOUD * level.max()])))


class PitchPanel:
    """Measures pitch, and spread within a label, of labelled clips.

    - `pitch_within_50_cents`: the share of clips whose tracked pitch is within 50 cents of their label's.
    - `pitch_error_cents`: the median distance from it, over the clips that are not silent.
    - `silent`: the share of clips without sound.
    - `within_label_spread`: the mean distance between two clips of one label that are in tune, over the same for
      real clips, averaged over labels; a clip is described by the mean and the standard deviation over time of each
      mel bin. 1 is as varied as real clips, 0 is collapse, and clips out of tune, such as noise, gain nothing.

    Args:
        midi_of_label: the MIDI number that each label index names.
        sample_rate: Hz of the waveforms.
        real: real clips to compare the spread with, frames [B, T, F] with labels; None leaves the spread out.
    """

    def __init__(self, midi_of_label: Sequence[float], sample_rate: int, real: SequenceBatch | None = None) -> None:
        self._midi = np.asarray(midi_of_label, dtype=np.float64)
        self._sample_rate = sample_rate
        self._real_spread = None if real is None else self._spread(real, _labels(real))

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return the measurements of labelled clips by name."""
        labels = _labels(sample.batch)
        heard = np.array([track_pitch(waveform, self._sample_rate) for waveform in sample.artefacts])
        cents = 100 * np.abs(heard - self._midi[labels.numpy()])
        silent = np.isnan(cents)
        in_tune = cents < 50
        measured = {
            "pitch_within_50_cents": share(int(in_tune.sum()), len(cents), version=VERSION),
            "pitch_error_cents": _median_error(cents[~silent]),
            "silent": share(int(silent.sum()), len(cents), version=VERSION, higher_is_better=False),
        }
        if self._real_spread is not None:
            spread = self._spread(sample.batch, labels.where(torch.from_numpy(in_tune), -1))
            relative = relative_spread(spread, self._real_spread)
            measured["within_label_spread"] = Measurement(relative, None, VERSION, None, "1 is real, 0 is collapse")
        return measured

    def _spread(self, batch: SequenceBatch, labels: torch.Tensor) -> list[float | None]:
        """Return the mean distance within each label of the clips whose label is not -1."""
        return ClassDistances.of(pooled(batch).cpu(), labels, len(self._midi)).means()


def _labels(batch: SequenceBatch) -> torch.Tensor:
    if batch.labels is None:
        raise ValueError("the pitch of clips without labels has nothing to be compared with")
    return batch.labels.cpu()


def _median_error(cents: npt.NDArray[np.float64]) -> Measurement:
    """Return the median absolute error with its interval by the binomial ranks around the middle."""
    if not len(cents):
        return Measurement(None, None, VERSION, False, "every clip is silent")
    ordered = np.sort(cents)
    reach = 1.959964 * len(cents) ** 0.5 / 2
    low = max(0, int(np.floor(len(cents) / 2 - reach)))
    high = min(len(cents) - 1, int(np.ceil(len(cents) / 2 + reach)))
    return Measurement(float(np.median(ordered)), (float(ordered[low]), float(ordered[high])), VERSION, False)
