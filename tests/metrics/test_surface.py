"""Distinct n-grams and lengths, by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.kolmogorov_smirnov import kolmogorov_smirnov
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.surface import SurfacePanel, distinct_ngrams

MakeSample = Callable[..., Sample]
NUMBERS = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def test_values_counted_by_hand(sample_of: MakeSample) -> None:
    figures = SurfacePanel([(4, 5), (4, 5, 6)]).measure(sample_of([[4, 5, 4, 5], [4, 5], [6]]))
    assert figures["distinct_1"].value == 3 / 7
    assert figures["distinct_2"].value == 2 / 4
    assert figures["distinct_3"].value == 2 / 2
    assert figures["distinct_4"].value == 1
    assert figures["mean_length"].value == pytest.approx(7 / 3)
    # Lengths 1, 2, 4 against 2, 3: the distance is largest at 1 and at 3.
    assert figures["length_ks"].value == pytest.approx(1 / 3)


def test_no_ngram_of_an_order_has_no_value(sample_of: MakeSample) -> None:
    figure = SurfacePanel([(4,)]).measure(sample_of([[4, 5], [6]]))["distinct_3"]
    assert figure.value is None


def test_collapse_shows(sample_of: MakeSample) -> None:
    words = np.random.default_rng(0).integers(4, 40, (200, 8)).tolist()
    panel = SurfacePanel([tuple(words[0])])
    varied, collapsed = panel.measure(sample_of(words)), panel.measure(sample_of([words[0]] * 200))
    for order in range(1, 5):
        name = f"distinct_{order}"
        assert collapsed[name].value < 0.01 <= varied[name].value
        low, high = varied[name].interval
        assert low <= varied[name].value <= high


@given(NUMBERS, NUMBERS)
def test_distance_of_lengths_is_the_largest_gap_of_the_shares(one: list[int], other: list[int]) -> None:
    gaps = [np.mean(np.array(one) <= level) - np.mean(np.array(other) <= level) for level in range(10)]
    assert kolmogorov_smirnov(np.array(one), np.array(other)) == pytest.approx(np.abs(gaps).max(), abs=1e-12)


@given(st.lists(st.lists(st.integers(4, 7), min_size=1, max_size=6), min_size=1, max_size=80))
def test_distinct_is_a_share_and_repeating_the_sample_halves_it(sentences: list[list[int]]) -> None:
    once, twice = distinct_ngrams(sentences), distinct_ngrams(sentences * 2)
    for name, figure in once.items():
        if figure.value is not None:
            assert 0 < figure.value <= 1
            assert figure.interval is None or figure.interval[1] <= 1
            assert twice[name].value == pytest.approx(figure.value / 2)
