"""What is written of a sweep of temperature over models whose worth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqgan_toolkit.evaluation_table import table
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.stages.curve import write_curve
from seqgan_toolkit.stages.directory import RunDirectory

Measured = dict[str, Measurement]


def figure(value: float, half: float = 0.01, *, higher_is_better: bool | None = None) -> Measurement:
    return Measurement(value, (value - half, value + half), 1, higher_is_better)


def on_a_line(model: str, temperature: float) -> Measured:
    """An oracle's plane in which one model is half a nat better than the other at every diversity."""
    gain = 0.5 if model == "adversarial" else 0.0
    return {"nll_oracle": figure(5 + temperature - gain), "nll_test": figure(9 - temperature, higher_is_better=False)}


REAL = {"nll_oracle": figure(5.75)}


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path)


def test_likelihoods_are_turned_and_the_better_model_dominates(directory: RunDirectory) -> None:
    (plane,) = write_curve(directory, on_a_line, ["teacher_forced", "adversarial"], [1.5, 0.5, 1.0], {"real": REAL})
    assert (plane["quality"], plane["diversity"]) == ("nll_oracle", "nll_test")
    assert plane["mean_quality"] == {"teacher_forced": pytest.approx(6.0), "adversarial": pytest.approx(5.5)}
    (comparison,) = plane["comparisons"]
    assert comparison["gap"] == pytest.approx(-0.5), "less is better, so that the first, which has more, is worse"
    assert comparison["dominates"] == "adversarial"
    written = json.loads(directory.curve().read_text(encoding="utf-8"))
    assert written["temperatures"] == [0.5, 1.0, 1.5]
    assert [row["nll_test"]["value"] for row in written["models"]["adversarial"]] == [8.5, 8.0, 7.5]
    # The oracle's own likelihood of test data has the expectation of its likelihood of any data of its own.
    assert written["real"]["nll_test"]["value"] == 5.75
    assert directory.curve_picture().stat().st_size > 10_000


def test_a_model_without_a_likelihood_is_left_out_of_its_plane(directory: RunDirectory) -> None:
    def measure(model: str, temperature: float) -> Measured:
        measured = on_a_line(model, temperature)
        return measured if model == "teacher_forced" else {"nll_oracle": measured["nll_oracle"]}

    (plane,) = write_curve(directory, measure, ["adversarial", "teacher_forced"], [0.5, 1.0], {"real": REAL})
    assert list(plane["mean_quality"]) == ["teacher_forced"]
    assert plane["comparisons"] == []


def test_nothing_to_set_against_each_other_is_no_plane_and_no_picture(directory: RunDirectory) -> None:
    one = {"distinct": figure(0.5)}
    assert write_curve(directory, lambda *_: one, ["adversarial"], [0.5, 1.0], {"real": one}) == []
    assert directory.curve().is_file()
    assert not directory.curve_picture().exists()


def test_the_table_says_who_dominates(directory: RunDirectory) -> None:
    planes = write_curve(directory, on_a_line, ["teacher_forced", "adversarial"], [0.5, 1.0], {"real": REAL})
    lines = list(table({"models": {}, "references": {}, "curve": planes}))
    assert lines[1] == "curve of nll_oracle against nll_test"
    assert lines[-1].startswith("  teacher_forced less adversarial, more is better: -0.5")
    assert lines[-1].endswith("adversarial dominates")
