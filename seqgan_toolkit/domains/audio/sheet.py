"""A sheet of spectrograms: many clips at a glance, on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.audio.features import FeatureSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHEET_CLIPS = 20
STRIP_CLIPS = 60
COLUMNS = 5
SHOWN_DB = 70.0
"""What lies further below the loudest value of the sheet is black."""
TICKS_HZ = (125, 250, 500, 1000, 2000, 4000, 8000, 16000)


def draw_sheet(
    log_mels: list[npt.NDArray[np.float32]],
    spec: FeatureSpec,
    path: Path,
    *,
    captions: Sequence[str] = (),
    columns: int = COLUMNS,
) -> Path:
    """Draw clips as small multiples with shared axes and a shared scale in decibels.

    Args:
        log_mels: for each clip float32 [T, F], natural logarithms.
        spec: what the frames are made of.
        path: of the png.
        captions: what is written above each clip beside its number; nothing where there are none.
        columns: clips in a row.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(columns, len(log_mels))
    rows = math.ceil(len(log_mels) / columns)
    figure = Figure(figsize=(2.5 * columns + 1.2, 1.8 * rows + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    loudest = max(float(log_mel.max()) for log_mel in log_mels)
    for index, (panel, log_mel) in enumerate(zip(axes.flat, log_mels, strict=False)):
        picture = _draw_clip(panel, log_mel, loudest, spec)
        panel.set_title(f"{index:04d}  {captions[index]}" if captions else f"clip {index:04d}", fontsize=8, pad=2)
    for panel in axes.flat[len(log_mels) :]:
        panel.axis("off")
    _label_axes(axes, max(len(log_mel) for log_mel in log_mels), spec)
    figure.colorbar(picture, ax=axes, label="dB below the loudest", shrink=0.6)
    figure.savefig(path, dpi=110)
    return path


def _draw_clip(panel: Axes, log_mel: npt.NDArray[np.float32], loudest: float, spec: FeatureSpec) -> Any:
    decibels = (log_mel.T - loudest) * 20 / math.log(10)
    extent = (0.0, len(log_mel) * spec.hop / spec.sample_rate, -0.5, spec.num_mels - 0.5)
    panel.set_facecolor("0.85")
    return panel.imshow(
        decibels, origin="lower", aspect="auto", extent=extent, cmap="magma", vmin=-SHOWN_DB, vmax=0,
        interpolation="nearest",
    )  # fmt: skip


def _label_axes(axes: npt.NDArray[Any], longest: int, spec: FeatureSpec) -> None:
    """Write seconds below the sheet and frequencies in Hz at its left."""
    ticks = [hertz for hertz in TICKS_HZ if spec.low_hz < hertz <= spec.top_hz]
    first: Axes = axes[0, 0]
    first.set_xlim(0, longest * spec.hop / spec.sample_rate)
    first.set_yticks([_mel_position(hertz, spec) for hertz in ticks], [str(hertz) for hertz in ticks])
    for panel in axes[:, 0]:
        panel.set_ylabel("Hz", fontsize=8)
    for panel in axes[-1]:
        panel.set_xlabel("seconds", fontsize=8)
    for panel in axes.flat:
        panel.tick_params(labelsize=7)


def _mel_position(hertz: float, spec: FeatureSpec) -> float:
    """Return where a frequency lies among the mel filters, counted from 0."""
    low, high, here = (math.log1p(value / 700) for value in (spec.low_hz, spec.top_hz, hertz))
    return (here - low) / (high - low) * (spec.num_mels + 1) - 1
