"""Networks that tell or predict series: side by side as alone, at chance on equal laws, right on noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.series import discriminative_score, predictive_score, repeated_gru
from seqgan_toolkit.metrics.series.discriminative_score import Halves, accuracies
from seqgan_toolkit.metrics.series.predictive_score import prediction_errors
from seqgan_toolkit.metrics.series.repeated_gru import RepeatedGRU, streams
from seqgan_toolkit.metrics.series.scores import SeriesScoresPanel
from seqgan_toolkit.metrics.series.windows import Windows
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps, and large ones."""
    few_steps(monkeypatch, 80)
    monkeypatch.setattr(repeated_gru, "LR", 0.03)


def few_steps(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    for module in (discriminative_score, predictive_score):
        monkeypatch.setattr(module, "ITERATIONS", number)


def sines(rows: int, seed: int, dim: int = 2, steps: int = 8) -> Windows:
    generator = np.random.default_rng(seed)
    speed, phase = generator.uniform(0.2, 0.6, (2, rows, 1, 1))
    values = 0.5 + 0.4 * np.sin(speed * np.arange(steps)[:, None] + phase + np.arange(dim))
    return Windows(torch.from_numpy(values).float(), torch.full((rows,), steps))


def noise(rows: int, seed: int, dim: int = 2) -> Windows:
    values = torch.rand(rows, 8, dim, generator=torch.Generator().manual_seed(seed))
    return Windows(values, torch.full((rows,), 8))


def test_a_step_is_that_of_the_published_cell() -> None:
    """By the equations of a GRU whose reset acts before the product, one network and one row at a time."""
    network = RepeatedGRU(3, 4, streams(2, "test"))
    inputs = torch.rand(2, 5, 6, 3)
    said = network(inputs)
    enter, gates, candidate, bias = (parameter[1] for parameter in list(network.parameters())[:4])
    hidden = torch.zeros(4)
    for step in range(6):
        row = inputs[1, 3, step]
        reset, update = torch.sigmoid(enter[:8] @ row + gates @ hidden + bias[:8]).chunk(2)
        proposed = torch.tanh(enter[8:] @ row + candidate @ (reset * hidden) + bias[8:])
        hidden = update * hidden + (1 - update) * proposed
        expected = network.output[1, 0] @ hidden + network.output_bias[1, 0, 0]
        torch.testing.assert_close(said[1, 3, step], expected)


def test_networks_start_as_published() -> None:
    network = RepeatedGRU(3, 4, streams(50, "test"))
    assert network.bias[:, :8].eq(1).all()
    assert network.bias[:, 8:].eq(0).all()
    assert network.gates.abs().max() <= (6 / 15) ** 0.5
    assert float(network.gates.detach().std()) == pytest.approx((6 / 15) ** 0.5 / 3**0.5, rel=0.05)
    assert network.output.abs().max() <= (6 / 5) ** 0.5


def test_side_by_side_is_as_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two of three networks give what two alone give, in training and in test."""
    few_steps(monkeypatch, 20)
    real, fake = sines(60, 0), noise(60, 1)

    def trained(repeats: int) -> tuple[torch.Tensor, torch.Tensor]:
        halves = [Halves.at_random(one, repeats, name) for one, name in ((real, "real"), (fake, "fake"))]
        return accuracies(*halves, 3)[0].double(), prediction_errors(fake, real, 3, repeats)

    (hits, errors), (two_hits, two_errors) = trained(3), trained(2)
    torch.testing.assert_close(errors[:2], two_errors, atol=1e-5, rtol=0)
    assert torch.equal(hits[:2], two_hits)
    assert len(set(errors.tolist())) == 3, "each has data and weights of its own"


def test_gradients_do_not_cross() -> None:
    network = RepeatedGRU(2, 3, streams(3, "test"))
    network(torch.rand(3, 4, 5, 2))[1].sum().backward()
    for parameter in network.parameters():
        assert parameter.grad[1].abs().sum() > 0
        assert parameter.grad[[0, 2]].abs().sum() == 0


def test_halves_at_random_share_no_series() -> None:
    halves = Halves.at_random(sines(50, 0), 3, "real")
    for training, test in zip(halves.training, halves.test, strict=True):
        assert len(training) == 40
        assert sorted([*training, *test]) == list(range(50))
    assert not np.array_equal(halves.training[0], halves.training[1])
    drawn = halves.drawn(streams(3, "test"))
    assert all(set(row) == set(training) for row, training in zip(drawn, halves.training, strict=True))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    writer = CorpusWriter(tmp_path_factory.mktemp("sines") / "c", FrameSpace(2))
    for index, series in enumerate(sines(600, 5).values.numpy() * 2 - 1):
        writer.add("train" if index < 400 else "valid" if index < 430 else "test", series, None)
    return writer.close(domain={})


def batch(windows: Windows) -> SequenceBatch:
    return SequenceBatch(windows.values * 2 - 1, windows.lengths)


def test_scores_of_the_same_law_and_of_noise(corpus: Corpus) -> None:
    panel = SeriesScoresPanel(corpus, repeats=3)
    same = {name: found.value for name, found in panel.measure(Sample(batch(sines(400, 6)), [])).items()}
    other = {name: found.value for name, found in panel.measure(Sample(batch(noise(400, 7)), [])).items()}
    for name in ("discriminative_score", "discriminative_score_timegan"):
        assert same[name] < 0.12
        assert other[name] > 0.3
    for name in ("predictive_score", "predictive_score_timegan"):
        assert same[name] < 0.7 * other[name]


def test_prediction_of_noise_errs_by_its_mean_absolute_deviation() -> None:
    """Of uniform values nothing can be known but their median: the error is 1/4."""
    errors = prediction_errors(noise(2000, 0), noise(2000, 1), 3, 2)
    torch.testing.assert_close(errors, torch.full((2,), 0.25, dtype=torch.float64), atol=0.01, rtol=0)


def test_padding_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    few_steps(monkeypatch, 10)
    full = sines(40, 1)
    padded = Windows(nn.functional.pad(full.values, (0, 0, 0, 3)), full.lengths)
    fake = noise(40, 2)
    fake_padded = Windows(nn.functional.pad(fake.values, (0, 0, 0, 3)), fake.lengths)
    pairs = [(full, fake), (padded, fake_padded)]
    found = [accuracies(*(Halves.at_random(one, 2, "real") for one in pair), 3) for pair in pairs]
    assert torch.equal(found[0][0], found[1][0])
    errors = [prediction_errors(fake_, full_, 3, 2) for full_, fake_ in pairs]
    torch.testing.assert_close(errors[0], errors[1], atol=1e-5, rtol=0)


def test_one_feature_is_scored_by_the_corrected_protocol_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    writer = CorpusWriter(tmp_path_factory.mktemp("one") / "c", FrameSpace(1))
    for index, series in enumerate(sines(200, 5, dim=1).values.numpy() * 2 - 1):
        writer.add("train" if index < 150 else "test", series, None)
    panel = SeriesScoresPanel(writer.close(domain={}), repeats=2)
    found = panel.measure(Sample(batch(sines(150, 6, dim=1)), []))
    assert found["predictive_score"].value < 0.2
    assert found["discriminative_score"].value is not None
    assert found["discriminative_score_timegan"].value is None
    assert "none" in found["predictive_score_timegan"].note


def test_published_unit_scales_what_is_published_and_nothing_else(corpus: Corpus) -> None:
    low, high = torch.tensor([0.5, 0.4]), torch.tensor([1.0, 0.5])
    sample = Sample(batch(sines(200, 6)), [])
    plain = SeriesScoresPanel(corpus, repeats=2).measure(sample)
    scaled = SeriesScoresPanel(corpus, repeats=2, published_range=(low, high)).measure(sample)
    assert scaled["predictive_score"] == plain["predictive_score"]
    # The last feature has a tenth of the range.
    assert scaled["predictive_score_timegan"].value < 0.4 * plain["predictive_score_timegan"].value


def test_windows_within_a_range_keep_their_padding() -> None:
    moved = Windows(torch.tensor([[[0.0], [1.0], [0.0]]]), torch.tensor([2])).within(
        torch.tensor(0.5), torch.tensor(0.7)
    )
    torch.testing.assert_close(moved.values[0, :, 0], torch.tensor([0.5, 0.7, 0.0]))


def test_too_few_series_have_no_score(corpus: Corpus) -> None:
    panel = SeriesScoresPanel(corpus, repeats=2)
    assert {found.value for found in panel.measure(Sample(batch(sines(10, 0)), [])).values()} == {None}
    short = replace(batch(sines(100, 0)), lengths=torch.ones(100, dtype=torch.int64))
    assert {found.value for found in panel.measure(Sample(short, [])).values()} == {None}
