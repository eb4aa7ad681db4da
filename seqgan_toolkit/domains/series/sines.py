"""The built-in series: sines of random frequency and phase, as TimeGAN's authors draw them."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.domains.series.arrays import table_of
from seqgan_toolkit.domains.series.table import RawTable
from seqgan_toolkit.draws import Draws

NUM_COLUMNS = 5
HIGHEST = 0.1


def sines_table(num_series: int, length: int, seed: int) -> RawTable:
    """Return (sin(f t + phase) + 1) / 2, f and phase from U(0, 0.1) for each series and column (Yoon et al. 2019).

    Args:
        num_series: N.
        length: T steps, from t = 0.
        seed: the same seed gives the same series.
    """
    frequency, phase = Draws(seed, "sines").uniform_everywhere(2, num_series, 1, NUM_COLUMNS).numpy() * HIGHEST
    values = (np.sin(frequency * np.arange(length)[:, None] + phase) + 1) / 2
    return table_of("sines", values, tuple(f"sine_{number}" for number in range(1, NUM_COLUMNS + 1)))
