"""Opens a file of series by the ending of its name."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.domains.other_kinds import read_elsewhere
from seqgan_toolkit.domains.series.arrays import open_arrays
from seqgan_toolkit.domains.series.csv_file import open_csv
from seqgan_toolkit.domains.series.parquet import open_parquet
from seqgan_toolkit.domains.series.table import RawTable
from seqgan_toolkit.errors import UserError


def open_table(path: Path) -> RawTable:
    """Open a .csv, .csv.gz, .parquet, .npz or .npy file.

    Raises:
        UserError: there is no such file, or it is of another kind.
    """
    if not path.is_file():
        raise UserError(
            f"{path}: there is no such file, and the built-in and named series are sines, stocks and energy"
        )
    if path.name.endswith((".csv", ".csv.gz")):
        return open_csv(path)
    if path.suffix == ".parquet":
        return open_parquet(path)
    if path.suffix in (".npy", ".npz"):
        return open_arrays(path)
    raise UserError(
        f"{path}: series are read from .csv, .csv.gz, .parquet, .npz and .npy files{read_elsewhere([path])}"
    )
