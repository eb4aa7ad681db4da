"""Statistics of series on laws whose values are known, and the panel of their distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.series.panel import SeriesPanel
from seqgan_toolkit.metrics.series.statistics import (
    autocorrelation,
    cross_correlation,
    histogram,
    log_spectrum,
    projections,
    wasserstein,
)
from seqgan_toolkit.metrics.series.windows import Windows
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

NAMES = {
    "autocorrelation_distance",
    "cross_correlation_distance",
    "spectrum_distance",
    "marginal_distance",
    "sliced_wasserstein",
}


def windows(values: torch.Tensor, lengths: torch.Tensor | None = None) -> Windows:
    return Windows(values.float(), torch.full((len(values),), values.shape[1]) if lengths is None else lengths)


def autoregressive(rows: int, steps: int, coefficient: float, seed: int = 0) -> torch.Tensor:
    """AR(1) around .5, with a variance of .01, from its stationary law: [rows, steps, 1]."""
    generator = np.random.default_rng(seed)
    state, series = generator.normal(0, 0.1, rows), []
    for _ in range(steps):
        series.append(state)
        state = coefficient * state + generator.normal(0, 0.1 * math.sqrt(1 - coefficient**2), rows)
    return torch.from_numpy(np.stack(series, axis=1))[..., None] + 0.5


def test_windows_lie_in_0_to_1_and_are_blank_behind_their_end() -> None:
    batch = SequenceBatch(torch.tensor([[[-1.0], [1.0], [0.0]], [[0.0], [0.7], [0.7]]]), torch.tensor([3, 1]))
    made = Windows.of(batch, 4, FrameSpace(1))
    assert made.values[..., 0].tolist() == [[0, 1, 0.5, 0], [0.5, 0, 0, 0]]
    assert Windows.of(batch, 2, FrameSpace(1)).lengths.tolist() == [2, 1]


def test_autocorrelation_of_an_autoregressive_process_is_its_coefficients_powers() -> None:
    found = autocorrelation(windows(autoregressive(3000, 12, 0.8)))[:, 0]
    torch.testing.assert_close(found, 0.8 ** torch.arange(1.0, 7.0, dtype=torch.float64), atol=0.04, rtol=0)


def test_padding_and_constants_have_no_autocorrelation_of_their_own() -> None:
    full = autoregressive(200, 8, 0.5)
    padded = torch.cat([full, torch.zeros(200, 2, 1)], dim=1)
    found = autocorrelation(windows(padded, torch.full((200,), 8)))
    torch.testing.assert_close(found[:4], autocorrelation(windows(full)))
    assert autocorrelation(windows(torch.full((5, 6, 2), 0.3))).tolist() == [[0, 0]] * 3


def test_cross_correlation_is_pearsons() -> None:
    values = torch.rand(300, 4, 3, generator=torch.Generator().manual_seed(0))
    values[..., 1] = 1 - values[..., 0]
    found = cross_correlation(windows(values))
    expected = np.corrcoef(values.flatten(0, 1).T.numpy())[np.triu_indices(3, 1)]
    torch.testing.assert_close(found, torch.from_numpy(expected), atol=1e-5, rtol=0)
    assert found[0] == pytest.approx(-1)


@pytest.mark.parametrize("cycles", [2, 5])
def test_spectrum_of_a_sine_peaks_at_its_frequency_with_its_power(cycles: int) -> None:
    phases = torch.rand(50, 1, generator=torch.Generator().manual_seed(0)) * 2 * math.pi
    sines = 0.5 + 0.4 * torch.sin(2 * math.pi * cycles * torch.arange(24) / 24 + phases)
    found = log_spectrum(windows(sines[..., None]))[:, 0]
    assert int(found.argmax()) == cycles
    assert float(found[cycles]) == pytest.approx(10 * math.log10(0.4**2 * 24 / 4), abs=0.01)
    assert float(found.sort().values[-2]) < -60


def test_histogram_counts_steps_and_not_padding() -> None:
    values = torch.tensor([[[0.0], [1.0], [0.51]], [[0.51], [0.9], [0.9]]])
    found = histogram(windows(values, torch.tensor([3, 1])))[:, 0]
    assert {place: float(share) for place, share in enumerate(found) if share} == {0: 0.25, 25: 0.5, 49: 0.25}


def test_wasserstein_of_shifted_samples_is_the_shift_and_needs_no_equal_sizes() -> None:
    one = torch.rand(400, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert wasserstein(one + 0.25, one[torch.randperm(400)]) == pytest.approx(0.25)
    assert wasserstein(one, one.repeat(2, 1)) == pytest.approx(0, abs=1e-12)
    expected = float((one[:200].sort(0).values - one[200:].sort(0).values).abs().mean())
    assert wasserstein(one[:200], one[200:]) == pytest.approx(expected)


def test_directions_have_length_1_and_are_the_same_every_time() -> None:
    unit = torch.zeros(6, 3, 2)
    unit.view(6, 6).fill_diagonal_(1)
    found = projections(windows(unit))
    torch.testing.assert_close(found.norm(dim=0), torch.ones(100, dtype=torch.float64))
    assert torch.equal(found, projections(windows(unit)))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two features, the second the first's mirror with noise."""
    first = autoregressive(900, 12, 0.9) * 2 - 1
    both = torch.cat([first, -first + 0.05 * torch.randn(first.shape, generator=torch.Generator().manual_seed(1))], -1)
    writer = CorpusWriter(tmp_path_factory.mktemp("series") / "c", FrameSpace(2))
    for index, series in enumerate(both.numpy()):
        writer.add("train" if index < 500 else "test", series, None)
    return writer.close(domain={})


def figures(corpus: Corpus, batch: SequenceBatch) -> dict[str, float]:
    measured = SeriesPanel(corpus).measure(Sample(batch, []))
    assert all(found.interval[0] <= found.value <= found.interval[1] for found in measured.values())
    return {name: found.value for name, found in measured.items()}


def test_each_distance_sees_what_it_is_for(corpus: Corpus) -> None:
    """Real data have the floor in all; what is taken from them shows where it should and nowhere else."""
    real = corpus.splits["train"].head(400)
    floor = figures(corpus, real)
    assert set(floor) == NAMES
    assert max(value for name, value in floor.items() if name != "spectrum_distance") < 0.1
    shuffled = real.values[:, torch.randperm(12, generator=torch.Generator().manual_seed(0))]
    in_time = figures(corpus, SequenceBatch(shuffled, real.lengths))
    assert in_time["autocorrelation_distance"] > 3 * floor["autocorrelation_distance"]
    assert in_time["spectrum_distance"] > 3 * floor["spectrum_distance"]
    assert in_time["marginal_distance"] == pytest.approx(floor["marginal_distance"])
    assert in_time["cross_correlation_distance"] == pytest.approx(floor["cross_correlation_distance"])
    apart = torch.stack([real.values[..., 0], real.values[..., 1].roll(1, 0)], dim=-1)
    across = figures(corpus, SequenceBatch(apart, real.lengths))
    assert across["cross_correlation_distance"] > 0.8
    assert across["autocorrelation_distance"] == pytest.approx(floor["autocorrelation_distance"], abs=0.01)
    moved = figures(corpus, SequenceBatch(real.values + 0.2, real.lengths))
    assert moved["marginal_distance"] > 0.3
    assert moved["autocorrelation_distance"] == pytest.approx(floor["autocorrelation_distance"], abs=1e-4)
    assert moved["sliced_wasserstein"] > 2 * floor["sliced_wasserstein"]


def test_one_feature_has_nothing_to_correlate_with(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> None:
    writer = CorpusWriter(tmp_path_factory.mktemp("one") / "c", FrameSpace(1))
    for index in range(60):
        writer.add("train" if index < 30 else "test", np.full((4, 1), index / 100), None)
    made = writer.close(domain={})
    measured = SeriesPanel(made).measure(Sample(made.splits["train"].head(10), []))
    assert measured["cross_correlation_distance"].value is None
    assert measured["autocorrelation_distance"].value is not None
