"""Tables to frames and back in their own units, and the files that are written."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.series.building import build_table
from seqgan_toolkit.domains.series.domain import Series, SeriesDomain
from seqgan_toolkit.domains.series.prepare import prepare_series
from seqgan_toolkit.domains.series.reading import open_table
from seqgan_toolkit.domains.series.spec import Roles, SeriesSpec
from seqgan_toolkit.domains.series.stitching import stitch
from seqgan_toolkit.domains.series.table_file import ColumnNames
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import SequenceBatch

Prepare = Callable[..., Corpus]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    """Prepare a CSV file of a text, with roles and settings in one."""

    def run(text: str, **settings) -> Corpus:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        roles = {key: settings.pop(key) for key in ("columns", "time", "group", "label", "static") if key in settings}
        return prepare_series(open_table(path), tmp_path / "corpus", Roles(**roles), SeriesSpec(**settings))

    return run


def walk(rows: int, seed: int = 0) -> str:
    """Return a table of three columns: a price, a count of cents, and a constant."""
    rng = np.random.default_rng(seed)
    price, count = 100 + rng.standard_normal(rows).cumsum(), rng.integers(0, 10**9, rows)
    lines = [f"{one:.2f},{other},0.1" for one, other in zip(price, count, strict=True)]
    return "\n".join(["price,count,fee", *lines]) + "\n"


def decoded(corpus: Corpus, split="train") -> list[Series]:
    domain = SeriesDomain.from_state(corpus.domain_state)
    store = corpus.splits[split]
    return domain.decode(store.head(len(store))) if len(store) else []


def numbers(text: str) -> np.ndarray:
    return np.array([[float(cell or "nan") for cell in line.split(",")] for line in text.splitlines()[1:]])


@pytest.mark.parametrize("normalise", ["min_max", "z_score", "per_window", "levels"])
def test_decode_inverts_encode(prepare: Prepare, normalise: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = walk(40)
    corpus = prepare(text, window=6, normalise=normalise, valid_share=0, test_share=0.2)
    original, found = numbers(text), decoded(corpus)
    stored = corpus.splits["train"].values
    assert -1 <= stored.min() < -0.99
    assert 0.99 < stored.max() <= 1
    # float32 keeps 2^-24 of a half range, in the level and in the values.
    tolerance = np.ptp(original, axis=0) * 2**-22
    for start, series in enumerate(found):
        assert (np.abs(series.values - original[start : start + 6]) <= tolerance).all()
        assert (series.values[:, 2] == 0.1).all(), "a constant comes back exactly"
    assert len(found) == 32 - 6 + 1
    assert corpus.notes["constant_columns"] == ["fee"]
    assert "constant in the training rows, and so in what is generated: fee" in capsys.readouterr().err


def test_scales_are_fitted_on_training_rows_and_what_is_outside_is_clipped(
    prepare: Prepare, capsys: pytest.CaptureFixture[str]
) -> None:
    rising = "x\n" + "".join(f"{number}\n" for number in range(100))
    corpus = prepare(rising, window=5)
    train, test = decoded(corpus), decoded(corpus, "test")
    assert (train[0].values.min(), train[-1].values.max()) == (0, 84)
    assert all((one.values == 84).all() for one in test)
    assert corpus.notes["values_outside_training_range"] == {"train": 0, "valid": 1, "test": 1}
    said = capsys.readouterr().err
    assert "100.0% of the valid values and 100.0% of the test values lie outside" in said
    assert "data.split=random" in said


def test_z_scores_and_ranges_share_their_ends_and_not_their_middle(prepare: Prepare) -> None:
    skewed = "x\n" + "0\n" * 30 + "9\n" + "0\n" * 30 + "0\n" * 9
    # Of 59 training rows the mean is 9/59 and the largest distance 9 - 9/59, so that a z-score of 0 becomes -1/58.
    for normalise, zero in (("min_max", -1.0), ("z_score", -1 / 58)):
        stored = prepare(skewed, window=4, normalise=normalise).splits["train"].values
        assert stored.max() == 1
        assert stored.min() == pytest.approx(zero, abs=1e-6)


def test_masked_gaps_stay_gaps_and_filled_ones_lie_on_a_line(prepare: Prepare) -> None:
    lines = [f"{2 * row if row not in (0, 10, 11, 12, 29) else ''},{row % 7}" for row in range(30)]
    text = "\n".join(["time,x,y", *(f"{row**2},{line}" for row, line in enumerate(lines))])
    masked = prepare(text, columns=("x", "y"), missing="mask", window=5, split="random", test_share=0.1)
    assert masked.space.dim == 3
    every = [series for split in ("train", "valid", "test") for series in decoded(masked, split)]
    assert sum(np.isnan(series.values[:, 0]).sum() for series in every) == 1 + 3 * 5 + 1
    assert not any(np.isnan(series.values[:, 1]).any() for series in every)
    filled = prepare(text, time="time", missing="interpolate", window=25, split="random", test_share=0.2)
    assert filled.space.dim == 2
    assert filled.notes["empty_cells"] == {"x": 5}
    by_start = {round(one.values[5, 0]): one.values[:, 0] for s in filled.splits for one in decoded(filled, s)}
    # Between rows 9 (t = 81) and 13 (t = 169): 18 to 26 in time, not in rows; before the first value it stays level.
    first = by_start[10]
    assert first[0] == pytest.approx(2, abs=1e-5)
    assert first[10:13] == pytest.approx([18 + 8 * (t**2 - 81) / 88 for t in (10, 11, 12)], abs=1e-5)


def groups(num_groups: int = 12, rows: int = 6) -> str:
    lines = [
        f"{name},{'ab'[name % 2]},{10 * name},{name + step / 10}" for step in range(rows) for name in range(num_groups)
    ]
    return "\n".join(["id,kind,height,x", *lines])


def test_labels_and_static_attributes_go_in_and_out(prepare: Prepare) -> None:
    corpus = prepare(groups(), group="id", label=("kind",), static=("height",), window=4)
    assert corpus.label_names == ("a", "b")
    assert corpus.space.dim == 2
    for split in ("train", "valid", "test"):
        for series in decoded(corpus, split):
            name = int(series.values[0, 0] + 1e-4)
            assert (series.label, series.static[0]) == ("ab"[name % 2], pytest.approx(10 * name, abs=1e-4))


def test_several_columns_of_names_are_factors_of_one_label(prepare: Prepare, tmp_path: Path) -> None:
    known = [line.split(",") for line in groups().splitlines()[1:]]
    text = "\n".join(["id,kind,size,x", *(f"{id},{kind},{'SML'[int(id) % 3]},{x}" for id, kind, _, x in known)])
    corpus = prepare(text, group="id", label=("kind", "size"), window=4)
    assert len(corpus.label_names) == 6
    assert corpus.label_names[0] == "kind=a,size=L"
    series = decoded(corpus)
    for one in series:
        name = int(one.values[0, 0] + 1e-4)
        assert one.label == f"kind={'ab'[name % 2]},size={'SML'[name % 3]}"
    header, *rows = rows_of(SeriesDomain.from_state(corpus.domain_state).write(series, tmp_path / "out")[0])
    assert header == ["series", "step", "kind", "size", "x"]
    assert [f"kind={row[2]},size={row[3]}" for row in rows[::4]] == [one.label for one in series]
    with pytest.raises(UserError, match="column 'size' changes between line 2 and line 14"):
        prepare(text.replace("0,a,S,0.1", "0,a,M,0.1"), group="id", label=("kind", "size"), window=4)
    with pytest.raises(UserError, match=r"'a=1' cannot be the value of the label's factor 'kind'"):
        prepare(text.replace(",a,", ",a=1,"), group="id", label=("kind", "size"), window=4)


def test_generated_static_attributes_are_averages(prepare: Prepare) -> None:
    domain = SeriesDomain.from_state(
        prepare(groups(), group="id", label=("kind",), static=("height",), window=4).domain_state
    )
    frames = torch.zeros(1, 4, 2)
    frames[0, :, 1] = torch.tensor([1.0, 0.0, 0.0, -1.0])
    middle = domain.decode(SequenceBatch(frames, torch.tensor([4]), torch.tensor([1])))[0]
    lower = domain.decode(SequenceBatch(frames, torch.tensor([3]), torch.tensor([1])))[0]
    assert lower.static[0] > middle.static[0]
    assert lower.values.shape == (3, 1), "padding is cut off"


def rows_of(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_files_have_the_columns_of_the_table_and_its_decimals(prepare: Prepare, tmp_path: Path) -> None:
    text = groups().replace("10,1.0", "10.25,1.0")
    with pytest.raises(UserError, match=r"column 'height' changes between line 3 and line 15 \(series '1'\)"):
        prepare(text, group="id", label=("kind",), static=("height",), window=4)
    corpus = prepare(groups(), group="id", label=("kind",), static=("height",), window=4)
    domain, series = SeriesDomain.from_state(corpus.domain_state), decoded(corpus)[:2]
    table, picture = domain.write(series, tmp_path / "out")
    assert (table.name, picture.name) == ("series.csv", "series.png")
    header, *rows = rows_of(table)
    assert header == ["series", "step", "kind", "height", "x"]
    assert [row[:2] for row in rows] == [[str(number), str(step)] for number in range(2) for step in range(4)]
    first = series[0]
    assert rows[0][2:] == [first.label, f"{first.static[0]:.0f}", f"{first.values[0, 0]:.1f}"]
    with Image.open(picture) as image:
        assert len(np.unique(np.asarray(image).reshape(-1, 4), axis=0)) > 10, "lines of several colours"


def test_gaps_are_empty_cells_and_names_in_use_are_avoided(prepare: Prepare, tmp_path: Path) -> None:
    lines = [f"{'' if row % 5 == 0 else row / 4},{-row * 1e-9}" for row in range(40)]
    corpus = prepare("\n".join(["step,small", *lines]), window=5, missing="mask", split="random")
    domain = SeriesDomain.from_state(corpus.domain_state)
    header, *rows = rows_of(domain.write(decoded(corpus)[:3], tmp_path / "out")[0])
    assert header == ["series", "step_", "step", "small"]
    assert sum(row[2] == "" for row in rows) == 3
    assert all(
        row[3] == "0" or float(row[3]) == pytest.approx(-1e-9 * 4 * float(row[2]), abs=1e-14) for row in rows if row[2]
    )
    assert any("e-" in row[3] for row in rows), "an exponent stays where decimals say nothing"


def test_what_is_written_can_be_read_again(prepare: Prepare, tmp_path: Path) -> None:
    corpus = prepare(walk(40), window=6, split="random")
    domain, series = SeriesDomain.from_state(corpus.domain_state), decoded(corpus)
    path = domain.write(series, tmp_path / "out")[0]
    table = build_table(open_table(path), Roles(time="step", group="series"))
    assert table.numbers.names == domain.columns.values
    assert table.numbers.decimals == (2, 0, 1)
    assert len(table.series()) == len(series)
    assert np.array_equal(table.numbers.values[:, 0], np.concatenate([one.values[:, 0] for one in series]).round(2))


def test_stitching_finds_the_order_that_windows_were_cut_in(prepare: Prepare, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    long = rng.standard_normal((8 * 9 + 3, 2)).cumsum(axis=0)
    windows = np.stack([long[start : start + 12] for start in range(0, 64, 9)])
    mixed = np.concatenate([windows[:1], windows[1:][rng.permutation(7)]])
    assert stitch(mixed, np.ones(2)) == pytest.approx(long[: 8 * 9 + 3])
    assert not np.array_equal(mixed, windows)


def test_stitched_windows_fade_into_each_other_and_fill_each_others_gaps() -> None:
    one, other = np.zeros((4, 1)), np.full((4, 1), 3.0)
    assert stitch(np.stack([one, other]), np.ones(1), overlap=2)[:, 0].tolist() == [0, 0, 1, 2, 3, 3]
    other[0] = one[3] = np.nan
    assert stitch(np.stack([one, other]), np.ones(1), overlap=2)[:, 0].tolist() == [0, 0, 0, 3, 3, 3]


def test_labels_are_stitched_apart(prepare: Prepare, tmp_path: Path) -> None:
    corpus = prepare(groups(rows=8), group="id", label=("kind",), static=("height",), window=8)
    domain, series = SeriesDomain.from_state(corpus.domain_state), decoded(corpus)
    header, *rows = rows_of(domain.write_stitched(series, tmp_path))
    assert header == ["series", "step", "kind", "x"]
    counts = {label: sum(one.label == label for one in series) for label in "ab"}
    assert {label: sum(row[2] == label for row in rows) for label in "ab"} == {
        label: 6 * count + 2 for label, count in counts.items()
    }
    assert len({(row[0], row[2]) for row in rows}) == 2


@given(st.floats(-1e12, 1e12), st.sampled_from(["min_max", "z_score", "per_window", "levels"]))
def test_any_constant_comes_back_exactly(value: float, normalise: str) -> None:
    from seqgan_toolkit.domains.series.fitting import fit_form, fit_layout
    from seqgan_toolkit.domains.series.table import Numbers, Table
    from seqgan_toolkit.domains.series.windows import Window

    constant = Numbers(("x",), np.full((7, 1), value), (None,))
    table = Table("t", constant, Numbers((), np.empty((7, 0)), ()), None, None, None, np.arange(7))
    windows = [Window("train", 0, 4), Window("train", 3, 7)]
    form = fit_form(table, windows)
    domain = SeriesDomain(
        fit_layout(table, windows, normalise, form.coarse / 2), ColumnNames(("x",), (None,)), (), form
    )
    frames = domain.layout.encode(constant.values, np.empty(0)).astype(np.float32)
    assert (frames == 0).all()
    generated = torch.rand(3, 4, domain.layout.dim, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert all((one.values == value).all() for one in domain.decode(SequenceBatch(generated, torch.full((3,), 4))))
