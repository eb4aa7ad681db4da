"""Tunes are heard as they are written, and seen on a sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit.domains.events.domain import EventsDomain
from seqgan_toolkit.domains.events.frames import EventFrames
from seqgan_toolkit.domains.events.midi_reading import read_midi
from seqgan_toolkit.domains.events.notes import Note, Tune
from seqgan_toolkit.domains.events.synthesis import RELEASE, SAMPLE_RATE, render


def strongest_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 17))
    return float(spectrum.argmax()) * SAMPLE_RATE / (1 << 17)


@pytest.mark.parametrize("pitch", [0, 45, 69, 108])
def test_a_note_sounds_at_its_pitch_for_its_time(pitch: int) -> None:
    sound = render(Tune((Note(0, pitch, 4, 100),), 4, 120))
    assert len(sound) == pytest.approx((0.5 + RELEASE) * SAMPLE_RATE, abs=2)
    assert strongest_hz(sound) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), abs=2)
    assert abs(sound[-1]) < 1e-3


def test_notes_begin_on_their_beat_and_louder_ones_are_louder() -> None:
    sound = render(Tune((Note(4, 60, 2, 50), Note(8, 60, 2, 100)), 4, 60))
    second = SAMPLE_RATE
    assert not sound[:second].any()
    levels = [np.abs(sound[first * second : first * second + second // 2]).max() for first in (1, 2)]
    assert levels[1] == pytest.approx(2 * levels[0], rel=0.05)


def test_many_notes_do_not_clip_and_no_note_is_silence() -> None:
    crowd = Tune(tuple(Note(0, pitch, 4, 127) for pitch in range(40, 80)), 4)
    assert np.abs(render(crowd)).max() == pytest.approx(0.9)
    assert not render(Tune((), 4)).any()


def test_files_are_written_for_every_tune(tmp_path: Path) -> None:
    import soundfile

    domain = EventsDomain(EventFrames(4, 40, 80), 4, 90.0)
    tunes = [Tune((Note(0, 60, 4, 80), Note(2, 64, 2, 80)), 4, 90.0), Tune((), 4, 90.0)]
    paths = domain.write(tunes, tmp_path)
    assert [path.name for path in paths] == [
        "tune-0000.mid", "tune-0000.wav", "tune-0001.mid", "tune-0001.wav", "piano_rolls.png",
    ]  # fmt: skip
    assert read_midi(paths[0]).notes == tunes[0].notes
    sound, rate = soundfile.read(paths[1])
    assert (rate, len(sound)) == (SAMPLE_RATE, len(render(tunes[0])))
    assert domain.preview([Tune((), 4)] * 22, tmp_path / "more", ["minor"] * 22).stat().st_size > 0
