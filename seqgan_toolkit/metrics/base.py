"""What a metric returns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WARNING = "warning: "
"""A note that begins so is printed below the table of figures."""


@dataclass(frozen=True)
class Measurement:
    """A value with what is needed to read it.

    Attributes:
        value: the figure; None where it is not defined for this sample (said in `note`).
        interval: its 95 % interval from the sample's size, or None.
        version: raised whenever the definition changes, so that figures are never compared across definitions.
        higher_is_better: the direction, or None where nearer to the real data's value is better.
        note: what a reader should know of this figure.
    """

    value: float | None
    interval: tuple[float, float] | None
    version: int
    higher_is_better: bool | None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for `evaluation.json`."""
        return asdict(self)


def share(hits: int, total: int, *, version: int, higher_is_better: bool | None = True, note: str = "") -> Measurement:
    """Return a share with its Wilson score interval (Wilson 1927)."""
    z = 1.959964
    proportion = hits / total
    centre = (proportion + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * ((proportion * (1 - proportion) + z**2 / (4 * total)) / total) ** 0.5 / (1 + z**2 / total)
    # At 0 and at 1 an end of the interval is the share itself, but for the last digits of the two roots.
    interval = (max(0.0, min(proportion, centre - half)), min(1.0, max(proportion, centre + half)))
    return Measurement(proportion, interval, version, higher_is_better, note)


def mean_with_interval(
    values: torch.Tensor, *, version: int, higher_is_better: bool | None, note: str = ""
) -> Measurement:
    """Return a mean with its normal 95 % interval; no interval below two values, and no value without any.

    Args:
        values: float [N], independent draws.
        version: of the definition of the metric.
        higher_is_better: the direction of the metric.
        note: what a reader should know.
    """
    if len(values) == 0:
        return Measurement(None, None, version, higher_is_better, note)
    mean = float(values.double().mean())
    if len(values) == 1:
        return Measurement(mean, None, version, higher_is_better, note)
    half = 1.959964 * float(values.double().std()) / len(values) ** 0.5
    return Measurement(mean, (mean - half, mean + half), version, higher_is_better, note)
