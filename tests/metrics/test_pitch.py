import numpy as np
import pytest
import torch

from seqgan_toolkit.domains.audio.plucks import draw_string, midi_to_hz, pluck
from seqgan_toolkit.metrics.clips.pitch import PitchPanel, track_pitch
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.sequences import SequenceBatch


def note(midi: float, seconds: float = 0.3) -> np.ndarray:
    time = np.arange(int(seconds * 8000)) / 8000
    phase = 2 * np.pi * midi_to_hz(midi) * time
    return (0.4 * np.sin(phase) + 0.2 * np.sin(2 * phase)).astype(np.float32)


def batch_of(values: torch.Tensor, labels: list[int]) -> SequenceBatch:
    return SequenceBatch(values, torch.full((len(labels),), values.shape[1]), torch.tensor(labels))


def sample_of(waveforms: list[np.ndarray], labels: list[int], values: torch.Tensor | None = None) -> Sample:
    frames = torch.zeros(len(labels), 4, 2) if values is None else values
    return Sample(batch=batch_of(frames, labels), artefacts=waveforms)


@pytest.mark.parametrize("midi", [57, 60.3, 66, 71.8, 77, 80])
def test_the_tracker_finds_a_note(midi):
    assert track_pitch(note(midi), 8000) == pytest.approx(midi, abs=0.1)


@pytest.mark.parametrize("midi", [45.5, 69, 91.5])
def test_the_tracker_reaches_an_octave_beyond_the_notes(midi):
    assert track_pitch(note(midi), 8000) == pytest.approx(midi, abs=0.2)


def test_all_real_plucks_are_in_tune():
    errors = []
    for index in range(96):
        midi = 57 + index % 24
        rng = np.random.default_rng(index)
        errors.append(track_pitch(pluck(draw_string(midi, rng), 8000, rng), 8000) - midi)
    assert np.mean(np.abs(errors) < 0.5) >= 0.99


def test_octave_errors_noise_and_silence_are_misses():
    rng = np.random.default_rng(0)
    noise = [0.1 * rng.standard_normal(3000).astype(np.float32) for _ in range(20)]
    silence = [np.zeros(3000, np.float32)]
    waveforms = [note(60), note(72), note(48), note(60.4), note(60.7), *noise, *silence]
    measured = PitchPanel([60.0], 8000).measure(sample_of(waveforms, [0] * len(waveforms)))
    assert measured["pitch_within_50_cents"].value == pytest.approx(2 / 26)
    assert measured["silent"].value == pytest.approx(1 / 26)
    assert "within_label_spread" not in measured


def test_the_error_is_the_median_in_cents_with_its_interval():
    waveforms = [note(60 + offset) for offset in (0.1, 0.2, 0.3, 0.2, 0.2)]
    measured = PitchPanel([60.0], 8000).measure(sample_of(waveforms, [0] * 5))["pitch_error_cents"]
    assert measured.value == pytest.approx(20, abs=4)
    low, high = measured.interval
    assert low <= measured.value <= high


def test_silent_clips_alone_have_no_error():
    measured = PitchPanel([60.0], 8000).measure(sample_of([np.zeros(900, np.float32)] * 2, [0, 0]))
    assert measured["pitch_error_cents"].value is None
    assert measured["pitch_within_50_cents"].value == 0


def test_spread_is_one_for_real_zero_for_collapse_and_ignores_what_is_out_of_tune():
    generator = torch.Generator().manual_seed(0)
    labels = [0] * 8 + [1] * 8
    real = torch.randn(16, 5, 3, generator=generator)
    panel = PitchPanel([60.0, 64.0], 8000, batch_of(real, labels))
    in_tune = [note(60 if label == 0 else 64) for label in labels]

    def spread(values: torch.Tensor, waveforms: list[np.ndarray]) -> float:
        value = panel.measure(sample_of(waveforms, labels, values))["within_label_spread"].value
        assert value is not None
        return value

    assert spread(real, in_tune) == pytest.approx(1.0)
    collapsed = torch.cat([real[:1].expand(8, -1, -1), real[8:9].expand(8, -1, -1)])
    assert spread(collapsed, in_tune) == pytest.approx(0.0, abs=1e-5)
    assert spread(real, [note(70)] * 16) == 0


def test_clips_without_labels_are_a_mistake_of_the_caller():
    batch = SequenceBatch(torch.zeros(1, 4, 2), torch.tensor([4]))
    with pytest.raises(ValueError, match="without labels"):
        PitchPanel([60.0], 8000).measure(Sample(batch=batch, artefacts=[note(60)]))
