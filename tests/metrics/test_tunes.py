"""Figures of tunes: counted by hand, and on the source whose laws are known."""

from __future__ import annotations

import math
import random

import pytest
import torch

from seqgan_toolkit.domains.events.melodies import MODES, draw_tune, log_probability
from seqgan_toolkit.domains.events.notes import Note, Tune
from seqgan_toolkit.metrics.base import share
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.tunes.melodies import MelodyPanel
from seqgan_toolkit.metrics.tunes.panel import TunePanel
from seqgan_toolkit.metrics.tunes.statistics import statistics_of
from seqgan_toolkit.sequences import SequenceBatch


def line(*pitches: int, duration: int = 1) -> Tune:
    return Tune(tuple(Note(place, pitch, duration, 80) for place, pitch in enumerate(pitches)), 4)


def sample(tunes: list[Tune], labels: list[int] | None = None, nll: torch.Tensor | None = None) -> Sample:
    lengths = torch.ones(len(tunes), dtype=torch.int64)
    known = None if labels is None else torch.tensor(labels)
    return Sample(SequenceBatch(lengths[:, None], lengths, known), tunes, nll)


def test_the_statistics_are_those_that_one_counts() -> None:
    tune = Tune((Note(0, 60, 4, 40), Note(0, 64, 4, 100), Note(4, 61, 4, 60), Note(8, 67, 4, 60)), 4)
    assert statistics_of(tune) == {
        "scale_consistency": 0.75,
        "polyphony": pytest.approx(1 / 3),
        "repetitions": 0.0,
        "tone_span": 7,
        "unique_tones": 4,
        "intensity_span": 60,
    }
    assert statistics_of(line(62, 64, 66, 67, 69, 71, 73))["scale_consistency"] == 1.0  # D major
    assert statistics_of(line(*range(60, 72)))["scale_consistency"] == pytest.approx(7 / 12)


def test_repetitions_take_tones_in_their_order_alone() -> None:
    assert statistics_of(line(60, 62, 64, 60, 62, 64))["repetitions"] == pytest.approx(1 / 4)
    assert statistics_of(line(60, 60, 60, 60, 60))["repetitions"] == pytest.approx(2 / 3)
    assert statistics_of(line(60, 62))["repetitions"] == 0.0


def test_distances_are_of_all_notes_together() -> None:
    panel = TunePanel([line(60, 62), line(72, 74, duration=3)])
    same = panel.measure(sample([line(48, 50, duration=3), line(84, 86)]))
    assert same["pitch_class_distance"].value == 0
    assert same["duration_distance"].value == 0
    other = panel.measure(sample([line(60, 61, duration=9), line(63, 60, duration=1)]))
    assert other["pitch_class_distance"].value == pytest.approx(0.5)
    assert other["duration_distance"].value == 0, "what is longer than any real note counts as the longest"
    assert panel.measure(sample([line(61, 61)]))["pitch_class_distance"].value == 1


def test_tunes_without_notes_are_counted_and_left_out() -> None:
    panel = TunePanel([line(60, 62)])
    measured = panel.measure(sample([Tune((), 4), line(60, 62)]))
    assert measured["empty"].value == 0.5
    assert measured["notes_per_tune"].value == 1
    assert measured["tone_span"].value == 2
    nothing = panel.measure(sample([Tune((), 4)]))
    assert nothing["tone_span"].value is None
    assert nothing["pitch_class_distance"].value is None


@pytest.fixture
def real() -> tuple[list[Tune], torch.Tensor]:
    rng = random.Random(3)
    labels = torch.arange(30) % 2
    return [draw_tune(MODES[label], rng) for label in labels.tolist()], labels


def test_laws_hold_for_real_tunes_and_break_one_by_one(real: tuple[list[Tune], torch.Tensor]) -> None:
    tunes, labels = real
    panel = MelodyPanel(MODES, tunes, labels)
    measured = panel.measure(sample(tunes, labels.tolist()))
    assert {name: figure.value for name, figure in measured.items()} == dict.fromkeys(measured, 1.0)
    swapped = panel.measure(sample(tunes, (1 - labels).tolist()))
    assert (swapped["lawful"].value or 0) < 0.2, "a label asks for its mode"
    assert swapped["in_metre"].value == 1
    up = [Tune((*tune.notes[:-1], tune.notes[-1]._replace(pitch=tune.notes[-1].pitch + 1)), 2) for tune in tunes]
    spoilt = panel.measure(sample(up, labels.tolist()))
    assert [spoilt[name].value for name in ("lawful", "in_metre", "in_scale", "ends_on_tonic")] == [0, 1, 0, 0]
    cut = panel.measure(sample([Tune(tune.notes[:-1], 2) for tune in tunes], labels.tolist()))
    assert (cut["lawful"].value, cut["in_metre"].value, cut["in_scale"].value) == (0, 0, 1)


def test_the_divergence_is_zero_for_the_truth_and_what_is_added_else(real: tuple[list[Tune], torch.Tensor]) -> None:
    tunes, labels = real
    panel = MelodyPanel(MODES, tunes, labels)
    truth = torch.tensor([log_probability(tune, MODES[label]) for tune, label in zip(tunes, labels, strict=True)])
    perfect = panel.measure(sample(tunes, labels.tolist(), -truth))
    assert perfect["kl_from_melodies"].value == pytest.approx(0, abs=1e-5)
    assert perfect["jensen_shannon"].value == pytest.approx(0, abs=1e-5)
    worse = panel.measure(sample(tunes, labels.tolist(), 2 - truth))
    assert worse["kl_from_melodies"].value == pytest.approx(2, abs=1e-5)
    assert 0 < (worse["jensen_shannon"].value or 0) < math.log(2)


def test_without_labels_either_mode_is_lawful(real: tuple[list[Tune], torch.Tensor]) -> None:
    tunes, _ = real
    measured = MelodyPanel((), tunes, None).measure(sample(tunes))
    assert measured["lawful"].value == measured["in_scale"].value == 1


@pytest.mark.parametrize("total", [3, 100, 1000, 2000, 12345])
def test_a_share_lies_within_its_interval(total: int) -> None:
    for hits in (0, 1, total - 1, total):
        found = share(hits, total, version=1)
        assert found.value is not None
        assert found.interval is not None
        assert 0 <= found.interval[0] <= found.value <= found.interval[1] <= 1
