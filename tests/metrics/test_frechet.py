"""The Fréchet distance, the spread and the jackknife against what is known exactly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.metrics.frechet import Gaussian, frechet_distance
from seqgan_toolkit.metrics.jackknife import jackknife_interval
from seqgan_toolkit.metrics.spread import ClassDistances, relative_spread


def random_covariance(generator: np.random.Generator, dim: int, rank: int) -> np.ndarray:
    root = generator.normal(size=(dim, rank))
    return root @ root.T


@given(st.integers(0, 1000), st.integers(1, 6))
def test_distance_to_itself_is_zero_also_without_full_rank(seed: int, rank: int) -> None:
    generator = np.random.default_rng(seed)
    gaussian = Gaussian(generator.normal(size=6), random_covariance(generator, 6, rank))
    assert frechet_distance(gaussian, gaussian) == pytest.approx(0, abs=1e-6)


@given(st.integers(0, 1000))
def test_shift_gives_its_squared_length_and_order_does_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    covariance, other = (random_covariance(generator, 5, 5) for _ in range(2))
    mean, shift = generator.normal(size=(2, 5))
    distance = frechet_distance(Gaussian(mean, covariance), Gaussian(mean + shift, covariance))
    assert distance == pytest.approx((shift**2).sum(), abs=1e-6)
    pair = Gaussian(mean, covariance), Gaussian(mean + shift, other)
    assert frechet_distance(*pair) == pytest.approx(frechet_distance(*reversed(pair)), abs=1e-6)


@given(st.integers(0, 1000))
def test_diagonal_covariances_in_closed_form_and_in_any_basis(seed: int) -> None:
    generator = np.random.default_rng(seed)
    one, other = generator.uniform(0, 3, (2, 4))
    expected = ((np.sqrt(one) - np.sqrt(other)) ** 2).sum()
    basis, _ = np.linalg.qr(generator.normal(size=(4, 4)))
    for turn in (np.eye(4), basis):
        pair = [Gaussian(np.zeros(4), turn @ np.diag(values) @ turn.T) for values in (one, other)]
        assert frechet_distance(*pair) == pytest.approx(expected, abs=1e-6)


def test_fit_is_the_sample_mean_and_unbiased_covariance() -> None:
    gaussian = Gaussian.fit(np.array([[0.0, 0.0], [2.0, 4.0]], np.float32))
    assert gaussian.mean.tolist() == [1, 2]
    assert gaussian.covariance.tolist() == [[2, 4], [4, 8]]
    assert gaussian.covariance.dtype == np.float64


def test_distances_within_classes() -> None:
    frames = torch.tensor([[0.0, 0], [3, 4], [100, 100], [6, 8], [50, 0]])[:, None]
    distances = ClassDistances.of(frames, torch.tensor([0, 0, -1, 0, 1]), 3)
    assert distances.means() == [pytest.approx((5 + 5 + 10) / 3), None, None]
    assert distances.means(np.array([0, 3])) == [pytest.approx(10), None, None]


def test_relative_spread_counts_a_missing_class_as_nothing() -> None:
    assert relative_spread([1.0, None, 3.0], [2.0, 2.0, None]) == 0.25
    assert relative_spread([1.0], [None]) is None


def test_jackknife_interval_of_a_mean_is_the_textbook_one() -> None:
    values = np.random.default_rng(0).normal(10, 2, 2000)
    low, high = jackknife_interval(2000, lambda kept: float(values[kept].mean()), float(values.mean()))
    half = 1.96 * values.std(ddof=1) / 2000**0.5
    assert (low + high) / 2 == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(half, rel=0.4)
    assert jackknife_interval(59, lambda kept: 0.0, 0.0) is None
