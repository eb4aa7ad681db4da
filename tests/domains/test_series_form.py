"""What holds of every row of a table holds of every row that is generated: copies, grids, ranges, levels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.series.arrays import table_of
from seqgan_toolkit.domains.series.copies import Copies
from seqgan_toolkit.domains.series.decorrelation import Decorrelation
from seqgan_toolkit.domains.series.domain import SeriesDomain
from seqgan_toolkit.domains.series.grid import Grid
from seqgan_toolkit.domains.series.prepare import prepare_series
from seqgan_toolkit.domains.series.reading import open_table
from seqgan_toolkit.domains.series.scaling import Scales
from seqgan_toolkit.domains.series.spec import Roles, SeriesSpec
from seqgan_toolkit.domains.series.tails import Tails
from seqgan_toolkit.metrics.series.windows import WindowReader
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, space_from_dict, space_to_dict

ROWS = 200
Prepare = Callable[..., Corpus]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    def run(columns: dict[str, np.ndarray], **settings) -> Corpus:
        stacked = np.stack(list(columns.values()), axis=1)
        spec = SeriesSpec(**{"window": 8, "split": "random", **settings})
        return prepare_series(table_of("table", stacked, tuple(columns)), tmp_path / "corpus", Roles(), spec)

    return run


def walk(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(ROWS).cumsum()


def made_up(domain: SeriesDomain, rows: int = 30) -> np.ndarray:
    """Decode frames from anywhere in the space: float64 [rows, 8, C]."""
    frames = torch.rand(rows, 8, domain.space.dim, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return np.stack([one.values for one in domain.decode(SequenceBatch(frames, torch.full((rows,), 8)))])


def test_copies_are_found_kept_once_and_restored() -> None:
    celsius, other = walk(0), walk(1)
    nearly = celsius + 1e-6 * walk(2)
    gaps = np.where(np.arange(ROWS) == 3, np.nan, celsius)
    values = np.stack([celsius, other, 32 + 1.8 * celsius, nearly, -other, gaps, np.full(ROWS, 7.0), celsius], axis=1)
    copies = Copies.among(values, Scales.by_range(values))
    assert copies.kept == [0, 1, 3, 5, 6]
    assert copies.pairs == [(2, 0), (4, 1), (7, 0)]
    again = Copies.from_state(copies.state(), copies.scales)
    for one in (copies, again):
        np.testing.assert_allclose(one.restore(one.keep(values)), values, rtol=0, atol=1e-9 * np.abs(celsius).max())
    assert np.array_equal(copies.restore(copies.keep(values))[:, 7], celsius), "a plain copy to the last bit"


def test_the_coarsest_grid_is_found() -> None:
    count = np.random.default_rng(0).integers(0, 9, ROWS).astype(float)
    values = np.stack(
        [10 * count, 3.25 + 0.5 * count, count, walk(0), walk(1).round(2), count + 0.1 * (count == 4)], axis=1
    )
    decimals = (0, 2, None, None, 2, 0)
    grid = Grid.of(values, decimals)
    assert grid.step.tolist() == [10, 0.5, 1, 0, 0.01, 0]
    moved = grid.snap(values + [4, 0.2, -0.4, 0.3, 0.004, 0.3])
    np.testing.assert_allclose(moved[:, [0, 1, 2, 4]], values[:, [0, 1, 2, 4]], atol=1e-12)
    assert np.array_equal(moved[:, [3, 5]], values[:, [3, 5]] + 0.3), "what lies anywhere stays where it is"
    assert np.isnan(grid.snap(np.full((1, 6), np.nan))).all()
    assert Grid.from_state(grid.state()).step.tolist() == grid.step.tolist()


def test_whatever_is_generated_keeps_to_copies_grids_and_ranges(
    prepare: Prepare, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = 10.0 * np.random.default_rng(0).integers(0, 4, ROWS)
    noise = np.random.default_rng(1).uniform(0, 50, ROWS)
    corpus = prepare({"lights": lights, "rv1": noise, "T": walk(0), "rv2": noise})
    assert corpus.space.dim == 3
    assert corpus.notes["copied_columns"] == {"rv2": "rv1"}
    assert corpus.notes["grid_steps"] == {"lights": 10.0}
    assert "a copy in the training rows, and so in what is generated: rv2 of rv1" in capsys.readouterr().err
    values = made_up(SeriesDomain.from_state(corpus.domain_state))
    assert np.array_equal(values[..., 3], values[..., 1])
    assert set(values[..., 0].ravel()) == {0.0, 10.0, 20.0, 30.0}
    assert (values.min((0, 1)) >= [0, 0, walk(0).min(), 0]).all()
    assert (values.max((0, 1)) <= [30, 50, walk(0).max(), 50]).all()


def test_domains_from_before_there_was_a_form_still_load(prepare: Prepare) -> None:
    domain = SeriesDomain.from_state(prepare({"x": walk(0), "y": walk(1)}).domain_state)
    state = domain.state()
    del state["form"]
    old = SeriesDomain.from_state(state)
    np.testing.assert_allclose(made_up(old), made_up(domain), atol=1e-12)
    batch = SequenceBatch(torch.rand(2, 8, 2), torch.tensor([8, 8]))
    assert old.as_written(batch) is batch
    assert np.array_equal(old.ranges.half, domain.ranges.half)


def test_spaces_name_what_no_sequence_changes() -> None:
    space = FrameSpace(3, constant=(1, 2))
    assert space_from_dict({**space_to_dict(space), "constant": [1, 2]}) == space
    assert space_from_dict({"kind": "frames", "dim": 3, "low": -1.0, "high": 1.0}) == FrameSpace(3)


@pytest.mark.parametrize("normalise", ["per_window", "levels"])
def test_what_holds_for_a_window_is_constant_in_its_frames(prepare: Prepare, normalise: str) -> None:
    corpus = prepare({"x": walk(0), "y": walk(1), "z": walk(0) + 0.1 * walk(2)}, normalise=normalise)
    assert isinstance(corpus.space, FrameSpace)
    frames = corpus.splits["train"].head(50).values
    changing = [index for index in range(corpus.space.dim) if index not in corpus.space.constant]
    assert len(corpus.space.constant) == (6 if normalise == "per_window" else 3)
    assert (frames[:, :, list(corpus.space.constant)].diff(dim=1) == 0).all()
    assert (frames[:, :, changing].diff(dim=1) != 0).any(dim=(0, 1)).all()


def house(rooms: int = 6) -> dict[str, np.ndarray]:
    """Thermometers that say almost the same, a sensor of bursts, and a constant."""
    rng = np.random.default_rng(0)
    shared = walk(0)
    columns = {f"T{room}": shared + 0.1 * walk(room + 1) for room in range(rooms)}
    return {**columns, "bursts": rng.exponential(1.0, ROWS), "fee": np.full(ROWS, 3.0)}


def test_levels_and_movements_are_decorrelated_and_come_back(prepare: Prepare) -> None:
    columns = house()
    corpus = prepare(columns, normalise="levels")
    domain = SeriesDomain.from_state(corpus.domain_state)
    frames = corpus.splits["train"].head(1000).values.double().numpy()
    original = np.stack(list(columns.values()), axis=1)
    by_start = {
        window[0, 0]: window
        for window in np.lib.stride_tricks.sliding_window_view(original, 8, axis=0).transpose(0, 2, 1)
    }
    for one in domain.decode(corpus.splits["train"].head(1000)):
        nearest = min(by_start, key=lambda first: abs(first - one.values[0, 0]))
        np.testing.assert_allclose(one.values, by_start[nearest], atol=1e-4)
    assert np.abs(frames).max() == pytest.approx(1, abs=1e-6)
    # bursts; 6 movements and that of the constant; as many levels.
    apart = (frames[:, 0, 8] - frames[:, 0, 9]).std() / frames[:, 0, 8].std()
    plain = prepare(columns).splits["train"].head(1000).values.double().numpy()[:, 0]
    assert apart > 2 * (plain[:, 0] - plain[:, 1]).std() / plain[:, 0].std()


def test_long_tails_are_drawn_in_and_come_back() -> None:
    rng = np.random.default_rng(0)
    peaks = 60 + rng.exponential(1.0, ROWS) ** 2
    values = np.stack([peaks, -peaks, rng.uniform(size=ROWS), np.full(ROWS, 3.0)], axis=1)
    tails = Tails.of(values)
    assert np.sign(tails.unit).tolist() == [1, -1, 0, 0]
    drawn = tails.draw_in(values)
    np.testing.assert_allclose(tails.undo(drawn), values, atol=1e-9)
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 1], atol=1e-9)
    assert np.array_equal(drawn[:, 2:], values[:, 2:])
    before, after = (np.median((column - column.min()) / np.ptp(column)) for column in (peaks, drawn[:, 0]))
    assert after > 3 * before, "half of the values are no longer at one end of the range"
    assert np.array_equal(Tails.from_state(tails.state()).draw_in(values), drawn)


def test_with_levels_values_on_a_coarse_grid_are_spread_within_their_steps(prepare: Prepare) -> None:
    lights = 10.0 * np.random.default_rng(0).integers(0, 3, ROWS).repeat(4)[:ROWS]
    corpus = prepare({"lights": lights, "T": walk(0), "U": walk(1)}, normalise="levels")
    domain = SeriesDomain.from_state(corpus.domain_state)
    assert domain.form is not None
    assert domain.form.coarse.tolist() == [10, 0, 0]
    batch = corpus.splits["train"].head(1000)
    frames = batch.values[..., 0].double()
    # Three values fill the range, and every one of them comes back.
    counts = torch.histc(frames, bins=12, min=-1, max=1)
    assert (counts > 0).all()
    assert frames.abs().max() <= 1
    starts = {round(value, 4): lights[row] for row, value in enumerate(walk(0))}
    for one in domain.decode(batch):
        assert one.values[0, 0] == starts[round(one.values[0, 1], 4)]
    again = prepare({"lights": lights, "T": walk(0), "U": walk(1)}, normalise="levels")
    assert torch.equal(again.splits["train"].head(1000).values, batch.values), "one table makes one corpus"


def test_levels_from_before_tails_still_load(prepare: Prepare) -> None:
    columns = {**house(), "bursts": np.random.default_rng(3).uniform(size=ROWS)}
    domain = SeriesDomain.from_state(prepare(columns, normalise="levels").domain_state)
    state = domain.state()
    del state["layout"]["tails"]
    np.testing.assert_allclose(made_up(SeriesDomain.from_state(state)), made_up(domain), atol=1e-9)


def test_columns_without_a_level_are_scaled_by_their_range(
    prepare: Prepare, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).uniform(size=(2, ROWS))
    corpus = prepare({"x": noise[0], "y": noise[1]}, normalise="levels")
    assert corpus.space == FrameSpace(2)
    assert "every column varies within windows as much as between them" in capsys.readouterr().err


def test_a_decorrelation_is_undone_and_keeps_columns_near_themselves() -> None:
    values = np.stack([walk(0), walk(0) + 0.1 * walk(1), walk(2), np.full(ROWS, 5.0)], axis=1)
    found = Decorrelation.of_moments(values.mean(axis=0), np.cov(values.T, bias=True))
    mixed = found.apply(values)
    np.testing.assert_allclose(found.undo(mixed), values, atol=1e-9)
    # Halfway there: the correlations are the square root of those of the columns, as matrices are multiplied.
    half = np.cov(mixed[:, :3].T, bias=True)
    np.testing.assert_allclose(half @ half, np.corrcoef(values[:, :3].T), atol=1e-6)
    assert (mixed[:, 3] == 0).all()
    correlations = [abs(np.corrcoef(mixed[:, column], values[:, column])[0, 1]) for column in range(3)]
    assert min(correlations) > 0.5
    np.testing.assert_array_equal(Decorrelation.from_state(found.state()).apply(values), mixed)


@pytest.mark.parametrize("normalise", ["min_max", "z_score", "per_window", "levels"])
def test_metrics_read_columns_whatever_the_frames_hold(prepare: Prepare, normalise: str) -> None:
    columns = {**house(), "copy": walk(0)}
    corpus = prepare(columns, normalise=normalise)
    domain = SeriesDomain.from_state(corpus.domain_state)
    windows = WindowReader.of(corpus, domain)(corpus.splits["train"].head(20))
    plain = prepare(columns)
    expected = WindowReader.of(plain, None)(plain.splits["train"].head(20))
    order = [0, 1, 2, 3, 4, 5, 6, 7]
    torch.testing.assert_close(windows.values[..., order], expected.values[..., order], atol=1e-4, rtol=0)
    assert windows.values.shape[-1] == len(columns)


def test_masked_gaps_and_short_series_are_read_as_they_are_written(tmp_path: Path) -> None:
    lines = [f"{row // 5},{'' if row % 5 == 1 else row},{row % 7}" for row in range(58)]
    (tmp_path / "table.csv").write_text("\n".join(["id,x,y", *lines]))
    corpus = prepare_series(
        open_table(tmp_path / "table.csv"),
        tmp_path / "corpus",
        Roles(group="id"),
        SeriesSpec(window=None, missing="mask"),
    )
    batch = corpus.splits["train"].head(50)
    assert batch.values.shape[-1] == 3
    written = SeriesDomain.from_state(corpus.domain_state).as_written(batch)
    torch.testing.assert_close(written.values, batch.values, atol=1e-6, rtol=0)
    assert written.lengths.tolist() == batch.lengths.tolist()
