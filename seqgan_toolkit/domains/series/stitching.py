"""Joins windows into one long series."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.domains.series.table import Floats


def stitch(windows: Floats, unit: Floats, overlap: int | None = None) -> Floats:
    """Lay windows end to end, each over the end of the one before, in the order in which they fit best.

    From the first window on, the next one is the unused window whose first `overlap` steps are nearest to the last
    ones of the series so far; there the two are cross-faded in a line. Work grows with N^2.

    Args:
        windows: float64 [N, T, C]; NaN where a cell is empty.
        unit: float64 [C], what counts as a distance of 1 in each column; columns of 0 do not count.
        overlap: steps; a quarter of a window, at least 1, when None.

    Returns:
        float64 [N * (T - overlap) + overlap, C].
    """
    steps = windows.shape[1]
    overlap = max(1, steps // 4) if overlap is None else overlap
    if not 1 <= overlap < steps:
        raise ValueError(f"overlap must be at least 1 and less than a window's {steps} steps, found {overlap}")
    heads = windows[:, :overlap] / np.where(unit > 0, unit, np.inf)
    unused = np.ones(len(windows), bool)
    unused[0] = False
    pieces, end = [windows[0, : steps - overlap]], windows[0, steps - overlap :]
    for _ in range(len(windows) - 1):
        distances = np.where(unused, _distances(heads, end / np.where(unit > 0, unit, np.inf)), np.inf)
        chosen = int(distances.argmin())
        unused[chosen] = False
        pieces += [_cross_fade(end, windows[chosen, :overlap]), windows[chosen, overlap : steps - overlap]]
        end = windows[chosen, steps - overlap :]
    return np.concatenate([*pieces, end])


def _distances(heads: Floats, end: Floats) -> Floats:
    """Return [N], the mean squared distance over what both have, a little above the worst where that is nothing."""
    squares = (heads - end) ** 2
    known = ~np.isnan(squares)
    counts = known.sum(axis=(1, 2))
    means: Floats = np.where(known, squares, 0.0).sum(axis=(1, 2)) / np.maximum(counts, 1)
    return np.where(counts > 0, means, means.max() + 1)


def _cross_fade(end: Floats, head: Floats) -> Floats:
    """Go from one to the other in a line; where one is empty, the other stands alone."""
    share = (np.arange(1, len(end) + 1) / (len(end) + 1))[:, None]
    mixed = end + share * (head - end)
    return np.where(np.isnan(end), head, np.where(np.isnan(head), end, mixed))
