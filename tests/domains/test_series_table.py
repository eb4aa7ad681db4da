"""Reading tables, putting them in order, cutting and splitting them; and every kind of bad table."""

import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit.cli.main import main
from seqgan_toolkit.data.source import SPLITS
from seqgan_toolkit.domains.series.building import build_table
from seqgan_toolkit.domains.series.columns import parse_time
from seqgan_toolkit.domains.series.ordering import put_in_order
from seqgan_toolkit.domains.series.reading import open_table
from seqgan_toolkit.domains.series.sines import sines_table
from seqgan_toolkit.domains.series.spec import Roles, SeriesSpec
from seqgan_toolkit.domains.series.table import Table
from seqgan_toolkit.domains.series.windows import cut
from seqgan_toolkit.errors import MissingExtraError, UserError

ROWS = np.arange(12.0).reshape(6, 2)


def read(path: Path, **roles) -> Table:
    return build_table(open_table(path), Roles(**roles))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_every_delimiter_with_mark_quotes_and_blank_lines(tmp_path: Path, delimiter: str) -> None:
    lines = ['"a b",c', "1,NA", "", '"2.50",4', "3e0, "]
    path = write(tmp_path / "t.csv", "\ufeff" + "\r\n".join(line.replace(",", delimiter) for line in lines))
    table = read(path)
    assert table.numbers.names == ("a b", "c")
    assert np.array_equal(table.numbers.values, [[1, np.nan], [2.5, 4], [3, np.nan]], equal_nan=True)
    assert table.numbers.decimals == (None, 0)
    assert [table.where(row) for row in range(3)] == ["line 2", "line 4", "line 5"]


def test_gzip_npy_and_npz_give_the_same_table(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "t.csv.gz", "wt") as file:
        file.write("x1,x2\n" + "\n".join(f"{a},{b}" for a, b in ROWS))
    np.save(tmp_path / "t.npy", ROWS)
    np.savez(tmp_path / "one.npz", anything=ROWS.astype(np.int32))
    np.savez(tmp_path / "columns.npz", x1=ROWS[:, 0], x2=ROWS[:, 1].astype(str))
    for name in ("t.csv.gz", "t.npy", "one.npz", "columns.npz"):
        table = read(tmp_path / name)
        assert table.numbers.names == ("x1", "x2")
        assert np.array_equal(table.numbers.values, ROWS)


def test_series_that_are_cut_already(tmp_path: Path) -> None:
    values = np.arange(24.0).reshape(3, 4, 2)
    np.save(tmp_path / "t.npy", values)
    table = read(tmp_path / "t.npy")
    assert table.series() == [(0, 4), (4, 8), (8, 12)]
    assert np.array_equal(table.numbers.values.reshape(3, 4, 2), values)
    np.save(tmp_path / "one.npy", np.arange(5))
    assert read(tmp_path / "one.npy").numbers.values.shape == (5, 1), "one-dimensional series work"


def test_parquet_gives_the_same_table(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow, the extra [parquet], is not installed")
    from pyarrow import parquet

    moments = [datetime(2020, 1, day) for day in (1, 2, 3)]
    columns = {"when": moments, "x": [1.5, None, 2.5], "n": [1, 2, None], "who": ["a", "a", "b"]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    table = read(tmp_path / "t.parquet", time="when", label=("who",))
    assert np.array_equal(table.numbers.values, [[1.5, 1], [np.nan, 2], [2.5, np.nan]], equal_nan=True)
    assert np.diff(table.time).tolist() == [86400, 86400]
    assert table.label.names == ("a", "b")


def test_parquet_without_pyarrow_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"'pyarrow', which is not installed: pip install pyarrow$"):
        open_table(write(tmp_path / "t.parquet", ""))


def test_times_are_numbers_or_iso_dates() -> None:
    assert parse_time("17.5") == 17.5
    assert parse_time("2016-01-11 17:10") == datetime(2016, 1, 11, 17, 10, tzinfo=UTC).timestamp()
    assert parse_time("2016-01-11T19:10+02:00") == parse_time("2016-01-11T17:10Z")
    np_times = np.array(["2016-01-11", "2016-01-12"], "datetime64[ns]")
    from seqgan_toolkit.domains.series.columns import TimeColumn

    column = TimeColumn()
    column.extend(np_times)
    assert column.array().tolist() == [parse_time("2016-01-11"), parse_time("2016-01-12")]
    for text in ("", "nan", "11/01/2016"):
        with pytest.raises(ValueError, match="neither a number nor a date|is no time"):
            parse_time(text)


def test_rows_are_ordered_by_series_and_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "t.csv", "t,id,x\n3,b,1\n2020-01-01,a,2\n1,b,3\n2019-01-01,a,4\n2,b,5\n")
    table = put_in_order(read(path, time="t", group="id"), newest_first=False)
    assert table.numbers.values[:, 0].tolist() == [3, 5, 1, 4, 2]
    assert table.places.tolist() == [4, 6, 2, 5, 3]
    assert "not in order of time" in capsys.readouterr().err
    path = write(tmp_path / "gaps.csv", "t,id,x\n" + "".join(f"{t},a,1\n{t},b,1\n" for t in (0, 5, 10, 40, 45)))
    put_in_order(read(path, time="t", group="id"), newest_first=False)
    assert "gaps.csv: 2 of 8 steps in time are longer than the usual one, up to 6 times" in capsys.readouterr().err
    path = tmp_path / "t.csv"
    mixed = put_in_order(read(path, columns=("x",), group="id"), newest_first=False)
    assert mixed.numbers.values[:, 0].tolist() == [1, 3, 5, 2, 4]
    reverse = put_in_order(read(path, columns=("x",)), newest_first=True)
    assert reverse.numbers.values[:, 0].tolist() == [5, 4, 3, 2, 1]
    assert capsys.readouterr().err == "", "what was in order is not spoken of"


def ordered(tmp_path: Path, sizes: list[int]) -> Table:
    rows = [f"g{number},{row}" for number, size in enumerate(sizes) for row in range(size)]
    path = write(tmp_path / "t.csv", "\n".join(["id,x", *rows]))
    return read(path, group="id" if len(sizes) > 1 else None, columns=("x",))


def test_no_window_crosses_a_border_in_time(tmp_path: Path) -> None:
    windows = cut(ordered(tmp_path, [100]), SeriesSpec(window=5, valid_share=0.1, test_share=0.2))
    rows = {split: [row for w in windows if w.split == split for row in range(w.first, w.last)] for split in SPLITS}
    assert (min(rows["train"]), max(rows["train"])) == (0, 69)
    assert (min(rows["valid"]), max(rows["valid"])) == (70, 79)
    assert (min(rows["test"]), max(rows["test"])) == (80, 99)
    assert Counter(window.split for window in windows) == {"train": 66, "valid": 6, "test": 16}
    strided = cut(ordered(tmp_path, [100]), SeriesSpec(window=5, stride=5, valid_share=0.1, test_share=0.2))
    assert Counter(window.split for window in strided) == {"train": 14, "valid": 2, "test": 4}


def test_several_series_are_split_whole_or_each_in_time(tmp_path: Path) -> None:
    table = ordered(tmp_path, [20] * 10)
    whole = cut(table, SeriesSpec(window=8, valid_share=0.2, test_share=0.3))
    splits = {window.first // 20: window.split for window in whole}
    assert all(splits[window.first // 20] == window.split for window in whole)
    assert Counter(splits.values()) == {"train": 5, "valid": 2, "test": 3}
    in_time = cut(table, SeriesSpec(window=4, split="time", valid_share=0.2, test_share=0.2))
    assert {window.first // 20 for window in in_time if window.split == "test"} == set(range(10))
    assert all((window.first % 20 >= 16) == (window.split == "test") for window in in_time)
    assert all(window.first // 20 == (window.last - 1) // 20 for window in [*whole, *in_time])


def test_random_windows_are_held_out_in_exact_shares_and_always_alike(tmp_path: Path) -> None:
    spec = SeriesSpec(window=5, split="random", test_share=0.5, valid_share=0)
    windows = cut(ordered(tmp_path, [200]), spec)
    assert Counter(window.split for window in windows) == {"train": 98, "test": 98}
    assert windows == cut(ordered(tmp_path, [200]), spec)


def test_short_series_are_left_out_and_whole_ones_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = ordered(tmp_path, [3, 30, 40, 50])
    windows = cut(table, SeriesSpec(window=10))
    assert min(window.first for window in windows) == 3
    assert "1 of 4 series are shorter than a window and left out" in capsys.readouterr().err
    whole = cut(table, SeriesSpec(window=None, max_length=35))
    assert [window.last - window.first for window in whole] == [3, 30, 35, 35]


def test_sines_are_those_of_timegan() -> None:
    table = build_table(sines_table(50, 24, 0), Roles())
    series = table.numbers.values.reshape(50, 24, 5)
    assert len(table.series()) == 50
    phase = np.arcsin(2 * series[:, 0] - 1)
    frequency = np.arcsin(2 * series[:, 1] - 1) - phase
    for drawn in (phase, frequency):
        assert 0 <= drawn.min() < 0.005
        assert 0.095 < drawn.max() < 0.1
    steps = np.arange(24)[:, None]
    assert series == pytest.approx((np.sin(frequency[:, None] * steps + phase[:, None]) + 1) / 2)
    assert not np.array_equal(series, build_table(sines_table(50, 24, 1), Roles()).numbers.values.reshape(50, 24, 5))


GOOD = "when,city,x,y\n" + "".join(f"{row},{'ab'[row // 30]},{row % 7},{row}\n" for row in range(60))
RECIPE = """\
name: bad
data: {kind: series, source: table.csv, window: 5}
generator: {kind: frames_autoregressive}
teacher_forcing: {steps: 1}
"""


@pytest.mark.parametrize(
    ("text", "overrides", "message"),
    [
        ("", [], "table.csv has an empty first line"),
        ("x,y\n", [], "has 0 row(s) of data"),
        ("x,y\n1,2\n", [], "has 1 row(s) of data"),
        ("1,2\n3,4\n", [], "the first line holds numbers"),
        ("x,\n1,2\n3,4\n", [], "column 2 has no name"),
        ("x,x\n1,2\n3,4\n", [], "two columns are called 'x'"),
        ("x,y\n1,2\n1\n", [], "table.csv, line 3: it has 1 cells, and the first line names 2 columns"),
        ("x,y\n1,2\n3,inf\n", [], "table.csv, line 3: column 'y' holds an infinite number"),
        (
            GOOD,
            [],
            "line 2: column 'city' holds text ('a') where a number belongs; mend the cells, leave out what is no "
            "number with 'data.columns=[when, x, y]', or say what the column is with data.time, data.group or",
        ),
        (
            "when,x,city,kind\n" + "2020-01-01,1,a,b\n" * 9,
            [],
            "('city' and 'kind' too); mend the cells, leave out what is no number with 'data.columns=[x]'",
        ),
        ("x;y\n1,5;2\n" + "2;3\n" * 9, [], "('1,5') where a number belongs; decimals follow a point, as in 1.5"),
        (GOOD, ["data.columns=x,y"], "expected a list, found 'x,y'; a list stands in brackets, '[x,y]'"),
        (GOOD, ["data.columns=[x,z]"], "has no column 'z'. It has: when, city, x, y"),
        (GOOD, ["data.label=citi"], "has no column 'citi'. Did you mean 'city'?"),
        (GOOD, ["data.columns=[x]", "data.window=61"], "the table has 60 rows, and a window 61"),
        (GOOD, ["data.columns=[x]", "data.window=50"], "the rows for the test split hold no window of 50"),
        (GOOD, ["data.columns=[x]", "data.window=null"], "whole series are held out, and there is one"),
        (GOOD, ["data.columns=[x]", "data.group=y"], "line 2: a single row is all there is (series '0')"),
        (GOOD, ["data.columns=[y]", "data.time=x"], "line 2 and line 9 are of the same time"),
        (
            GOOD,
            ["data.columns=[x]", "data.time=city"],
            "holds 'a', which is neither a number nor a date like 2016-01-31",
        ),
        (GOOD, ["data.columns=[x]", "data.label=city"], "column 'city' changes between line 31 and line 32"),
        (GOOD, ["data.columns=[x]", "data.static=[when]"], "column 'when' changes between line 2 and line 3"),
        (GOOD, ["data.columns=[x]", "data.label=x"], "the column 'x' is named twice"),
        (GOOD, ["data.label=[city, x]", "data.static=[x]"], "the column 'x' is named twice"),
        (GOOD, ["data.label=[city, 'a=b']"], "cannot have = or , in its name"),
        (GOOD, ["data.time=when", "data.newest_first=true"], "newest_first has no meaning beside 'time'"),
        (GOOD, ["data.normalise=levels", "data.missing=mask"], "'levels' mixes the columns of a row"),
        (
            GOOD,
            ["data.window=null", "data.split=time"],
            "whole groups, which have no 'stride' and are not split in time",
        ),
        ("x,y\n1,2\n,3\n" * 9, ["data.window=2"], "line 4"),
        ("x,y\n" + "1,2\n,3\n" * 9, [], "line 3: column 'x' has an empty cell (9 in the table); set data.missing"),
        ("x,y\n" + ",3\n" * 9, ["data.missing=interpolate"], "column 'x' is empty from line 2 to the end"),
        ("x,y\n" + ",3\n" * 19, ["data.missing=mask", "data.window=2"], "column 'x' has no value in the rows"),
        ("x,y\n" + ",3\n" * 9, ["data.columns=[y]", "data.static=[x]"], "the static column 'x' has an empty cell"),
        ("x,y\n" + ",3\n" * 9, ["data.columns=[y]", "data.label=x"], "column 'x' has an empty cell"),
        ("x\n1\n2\n\x00\n", [], "line 4: column 'x' holds text"),
    ],
)
def test_bad_tables_end_in_one_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    overrides: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "table.csv", text)
    write(tmp_path / "bad.yaml", RECIPE)
    assert main(["prepare", "bad.yaml", *overrides, "--out", "run"]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "run" / "corpus").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"x\n\xff\xfe1\n", "cannot be read as a CSV file in UTF-8"),
        ("t.csv.gz", b"no gzip", "cannot be read as a CSV file"),
        ("t.npy", b"no array", "cannot be read as a numpy file"),
        ("t.xlsx", b"", "series are read from .csv, .csv.gz, .parquet, .npz and .npy files$"),
        ("t.wav", b"", "and .npy files; .wav files are for recipes such as audio_lstm$"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="there is no such file, and the built-in and named series are sines, stocks and"
    ):
        open_table(tmp_path / "sine")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3), "y": np.zeros(4)}, r"holds x \(3,\), y \(4,\); one array"),
        ({"x": np.zeros((3, 2)), "y": np.zeros((3, 2))}, "or an array .rows. for each column"),
        ({"x": np.zeros((3, 2, 2, 2))}, r"float64 of the shape \(3, 2, 2, 2\)"),
        ({"x": np.zeros((0, 2))}, r"of the shape \(0, 2\)"),
        ({"x": np.full((3, 2), "a")}, "numbers .rows, columns."),
        ({"x": np.array([1.0, np.inf])}, "row 1: column 'x' holds an infinite number"),
    ],
)
def test_arrays_that_are_no_tables(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(UserError, match=message):
        read(tmp_path / "t.npz")
