"""The metrics of clips: what they say of clips whose faults are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import torch

from seqgan_toolkit.metrics.base import WARNING
from seqgan_toolkit.metrics.clips import classifier as clip_classifier
from seqgan_toolkit.metrics.clips.analysed import AnalysedPanel
from seqgan_toolkit.metrics.clips.analysis import NUM_MELS, ClipAnalysis, analysis_spec, as_written
from seqgan_toolkit.metrics.clips.classifier import ClipClassifier, clip_classifier_for
from seqgan_toolkit.metrics.clips.labels import ClipLabelPanel
from seqgan_toolkit.metrics.clips.neighbours import ClipNeighboursPanel, matched_parts, neighbour_accuracy
from seqgan_toolkit.metrics.clips.panel import ClipPanel
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.clips.waveforms import WaveformPanel
from seqgan_toolkit.metrics.frames import classifier_training
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.recipe.checks import empty_filters
from seqgan_toolkit.sequences import SequenceBatch

Waveform = npt.NDArray[np.float32]
RATE = 8000
NAMES = tuple(f"pitch={pitch},voice={voice}" for pitch in ("low", "high") for voice in ("soft", "rough"))


def clip(label: int, rng: np.random.Generator) -> Waveform:
    """A tone of one of two pitches, alone or in noise; loudness, pitch and length vary from clip to clip."""
    time = np.arange(rng.integers(1000, 2000)) / RATE
    hertz = (400 if label < 2 else 1200) * rng.uniform(0.8, 1.2)
    sound = np.sin(2 * np.pi * hertz * time) * np.sin(np.pi * time / time[-1])
    noise = rng.standard_normal(len(time)) * (0.3 if label % 2 else 0.003)
    return (rng.uniform(0.1, 0.3) * (sound + noise)).astype(np.float32)


def clips(count: int, seed: int) -> tuple[list[Waveform], torch.Tensor]:
    rng = np.random.default_rng(seed)
    return [clip(index % 4, rng) for index in range(count)], torch.arange(count) % 4


@pytest.fixture(scope="module")
def real() -> RealClips:
    (training, labels), (held_out, other_labels) = clips(240, 0), clips(60, 1)
    analysis = ClipAnalysis(RATE, training)
    heard = analysis(training, labels), analysis(held_out, other_labels)
    return RealClips(analysis, training, heard[0], held_out, heard[1], "test", NAMES)


@pytest.fixture(scope="module")
def fresh(real: RealClips) -> SequenceBatch:
    """Clips of the same law as the real ones."""
    return real.analysis(*clips(240, 2))


@pytest.fixture(scope="module")
def classifier(real: RealClips, tmp_path_factory: pytest.TempPathFactory) -> ClipClassifier:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier_training, "FEWEST_STEPS", 60)
        patch.setattr(classifier_training, "MAX_EPOCHS", 0)
        return clip_classifier_for(real, cache=tmp_path_factory.mktemp("cache"))


def only(batch: SequenceBatch) -> Sample:
    return Sample(batch, [])


def collapsed(batch: SequenceBatch) -> SequenceBatch:
    """Repeat one clip of every label."""
    assert batch.labels is not None
    return SequenceBatch(*(part[batch.labels] for part in (batch.values[:4], batch.lengths[:4])), batch.labels)


@pytest.mark.parametrize("rate", [1000, 4000, 8000, 16_000, 22_050, 44_100, 48_000])
def test_every_rate_is_analysed_without_empty_filters(rate: int) -> None:
    spec = analysis_spec(rate)
    assert not empty_filters(rate, spec.n_fft, spec.num_mels, 0, rate / 2)
    assert spec.hop * 4 == spec.n_fft


def test_a_waveform_is_what_a_16_bit_file_gives_back(tmp_path: Path) -> None:
    waveform = np.random.default_rng(0).uniform(-1, 1, 3000).astype(np.float32)
    waveform[:3] = 1, -1, 0
    soundfile.write(tmp_path / "a.wav", waveform, RATE, subtype="PCM_16")
    np.testing.assert_array_equal(as_written(waveform), soundfile.read(tmp_path / "a.wav", dtype="float32")[0])


def test_a_clip_has_the_same_frames_in_any_company(real: RealClips) -> None:
    waveforms, _ = clips(5, 3)
    together = real.analysis(waveforms, None)
    assert together.values.shape == (5, int(together.lengths.max()), NUM_MELS)
    for index, waveform in enumerate(waveforms):
        alone = real.analysis([waveform], None)
        assert alone.num_steps == together.lengths[index] == -(-len(waveform) // 64)
        torch.testing.assert_close(alone.values[0], together.values[index, : alone.num_steps], rtol=0, atol=1e-4)
        assert (together.values[index, alone.num_steps :] == -1).all()


def test_training_clips_are_as_sharp_as_training_clips(real: RealClips) -> None:
    measured = ClipPanel(real).measure(only(real.training))
    assert measured["sharpness_time"].value == pytest.approx(1)
    assert measured["sharpness_frequency"].value == pytest.approx(1)
    assert measured["length_ks"].value < 0.25


def test_half_the_contrast_is_half_as_sharp(real: RealClips) -> None:
    measured = ClipPanel(real).measure(only(replace(real.training, values=real.training.values / 2)))
    assert measured["sharpness_time"].value == pytest.approx(0.5)
    assert measured["sharpness_frequency"].value == pytest.approx(0.5)


def test_the_pooled_distance_of_a_louder_copy_is_the_square_of_its_shift(real: RealClips) -> None:
    panel = ClipPanel(real)
    same = panel.measure(only(real.held_out))
    assert same["pooled_mel_frechet"].value == pytest.approx(0, abs=1e-6)
    assert same["length_ks"].value == 0
    louder = panel.measure(only(replace(real.held_out, values=real.held_out.values + 0.1)))
    assert louder["pooled_mel_frechet"].value == pytest.approx(NUM_MELS * 0.1**2, rel=1e-3)


def test_a_neighbour_tells_nothing_of_fresh_clips_and_all_of_strange_ones(
    real: RealClips, fresh: SequenceBatch
) -> None:
    panel = ClipNeighboursPanel(real)
    assert panel.measure(only(fresh))["two_sample_accuracy"].value == pytest.approx(0.5, abs=0.1)
    strange = replace(fresh, values=torch.ones_like(fresh.values))
    assert panel.measure(only(strange))["two_sample_accuracy"].value > 0.95
    assert panel.measure(only(real.held_out))["two_sample_accuracy"].value == 0, "copies are nearer than any other"


def test_fresh_clips_are_new_and_training_copies_are_flagged(real: RealClips, fresh: SequenceBatch) -> None:
    panel = ClipNeighboursPanel(real)
    new = panel.measure(only(fresh))["nearest_clip_ratio"]
    assert new.value == pytest.approx(1, abs=0.15)
    assert not new.note.startswith(WARNING)
    copied = panel.measure(only(replace(real.training, values=real.training.values + 0.01)))["nearest_clip_ratio"]
    assert copied.value < 0.2
    assert copied.note.startswith(WARNING)


def test_parts_have_the_labels_of_the_others_and_no_sample_twice() -> None:
    rng = np.random.default_rng(0)
    mine, theirs = rng.integers(3, size=200), rng.integers(3, size=30)
    parts = matched_parts(200, 30, (mine, theirs))
    assert len(parts) > 3
    used = np.concatenate([samples for samples, _ in parts])
    assert len(np.unique(used)) == len(used)
    for samples, others in parts:
        np.testing.assert_array_equal(mine[samples], theirs[others])


def test_the_neighbour_of_two_kinds_on_a_line() -> None:
    samples, others = torch.tensor([[0.0], [1.0], [10.2]]), torch.tensor([[10.0], [11.0]])
    assert neighbour_accuracy(samples, others) == pytest.approx(2 / 5), "0, 1 are right; 10, 10.2 and 11 are not"


def test_faults_of_waveforms_are_counted() -> None:
    training, _ = clips(200, 0)
    panel = WaveformPanel(RATE, training)
    usual = panel.measure(Sample(SequenceBatch(torch.zeros(0), torch.zeros(0)), clips(100, 5)[0]))
    assert usual["silent_clips"].value == usual["clipped_clips"].value == 0
    assert usual["clicked_clips"].value < 0.06
    assert usual["end_level"].value == pytest.approx(1, abs=0.2)
    clicking = [waveform.copy() for waveform in training]
    for waveform in clicking[:50]:
        waveform[-3:] = 0.9
    loud = [waveform.copy() for waveform in training[:20]]
    for waveform in loud:
        waveform[400:600] = np.clip(20 * waveform[400:600], -1, 1)
    silent = [1e-3 * waveform for waveform in training[:10]]
    faulty = panel.measure(Sample(SequenceBatch(torch.zeros(0), torch.zeros(0)), [*clicking, *loud, *silent]))
    assert faulty["clicked_clips"].value == pytest.approx(50 / 230, abs=0.02)
    assert faulty["clipped_clips"].value == pytest.approx(20 / 230)
    assert faulty["silent_clips"].value == pytest.approx(10 / 230)
    assert usual["single_tone_clips"].value == 0.5, "half of them have no noise to speak of"


def test_every_factor_is_heard(real: RealClips, classifier: ClipClassifier, fresh: SequenceBatch) -> None:
    assert classifier.factors.names == ("pitch", "voice")
    assert min(classifier.accuracies) > 0.9
    measured = ClipLabelPanel(real, classifier).measure(only(fresh))
    assert measured["pitch_accuracy"].value > 0.9
    assert measured["voice_accuracy"].value > 0.9
    assert measured["empty_cells"].value == 0
    assert "own accuracy" in measured["pitch_accuracy"].note


def test_wrong_labels_of_one_factor_are_wrong_for_it_alone(
    real: RealClips, classifier: ClipClassifier, fresh: SequenceBatch
) -> None:
    measured = ClipLabelPanel(real, classifier).measure(only(replace(fresh, labels=(fresh.labels + 2) % 4)))
    assert measured["pitch_accuracy"].value < 0.1
    assert measured["voice_accuracy"].value > 0.9


def test_the_floor_is_that_of_fresh_clips_and_a_collapse_is_far_above(
    real: RealClips, classifier: ClipClassifier, fresh: SequenceBatch
) -> None:
    panel = ClipLabelPanel(real, classifier)
    floor, found = (panel.measure(only(batch))["clip_frechet"].value for batch in (real.training, fresh))
    assert found < 3 * floor
    low = fresh.rows(torch.nonzero(fresh.labels < 2)[:, 0])
    assert panel.measure(only(low))["clip_frechet"].value > 5 * floor
    assert panel.measure(only(low))["empty_cells"].value == 2


def test_spread_is_one_of_training_clips_and_nothing_of_a_collapse(
    real: RealClips, classifier: ClipClassifier, fresh: SequenceBatch
) -> None:
    panel = ClipLabelPanel(real, classifier)
    groups = [f"spread_within_{name}" for name in ("pitch", "voice", "cell")]
    training, new, alike = (panel.measure(only(batch)) for batch in (real.training, fresh, collapsed(fresh)))
    for name in groups:
        assert training[name].value == pytest.approx(1)
        assert new[name].value == pytest.approx(1, abs=0.15)
    assert alike["spread_within_cell"].value == pytest.approx(0, abs=1e-6)
    assert alike["spread_within_pitch"].value > 0.3, "a collapse within both shows only within both"


def test_the_classifier_is_kept_for_these_clips_alone(
    real: RealClips, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(classifier_training, "FEWEST_STEPS", 2)
    monkeypatch.setattr(classifier_training, "MAX_EPOCHS", 0)
    trained = clip_classifier_for(real, cache=tmp_path)
    other = replace(real, training_clips=[waveform / 2 for waveform in real.training_clips])
    assert other.fingerprint(1) != real.fingerprint(1)
    assert real.fingerprint(2) != real.fingerprint(1)
    with monkeypatch.context() as patch:
        patch.delattr(clip_classifier, "train_network")
        kept = clip_classifier_for(real, cache=tmp_path)
    assert kept.accuracies == trained.accuracies
    torch.testing.assert_close(kept.features(real.held_out), trained.features(real.held_out))


def test_waveforms_are_judged_and_not_the_frames_they_were_made_of(real: RealClips) -> None:
    waveforms, labels = clips(80, 6)
    nonsense = SequenceBatch(torch.zeros(80, 3, 7), torch.full((80,), 3), labels)
    measured = AnalysedPanel(real, [ClipPanel(real), ClipNeighboursPanel(real)]).measure(Sample(nonsense, waveforms))
    assert measured["sharpness_time"].value == pytest.approx(1, abs=0.1)
    assert measured["two_sample_accuracy"].value == pytest.approx(0.5, abs=0.15)
