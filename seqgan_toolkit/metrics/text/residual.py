"""What a residual model gains on held-out sequences over the generator that it tilts."""

from __future__ import annotations

import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.text.partition import LogPartition

Z95 = 1.959964


def residual_nll(nll: torch.Tensor, tilts: torch.Tensor, partition: LogPartition) -> torch.Tensor:
    """Return -log P [N], in nats: -log G less the tilt, plus the upper bound of log Z; so no model looks too good.

    Args:
        nll: -log G [N].
        tilts: the tilts [N] of the same sequences.
        partition: brackets log Z.
    """
    return nll - tilts + partition.upper


def residual_measurements(tilts: torch.Tensor, partition: LogPartition) -> dict[str, Measurement]:
    """Return `residual_gain`, `log_partition` and `effective_share` for the tilts [N] of held-out sequences."""
    bracket = (partition.lower - Z95 * partition.standard_error, partition.upper + Z95 * partition.standard_error)
    note = f"its bounds are {partition.lower:.5f} and {partition.upper:.5f}, nats a sequence; the upper one is used"
    return {
        "residual_gain": _gain(tilts, partition),
        "log_partition": Measurement(partition.upper, bracket, 1, None, note),
        "effective_share": Measurement(
            partition.effective_share,
            None,
            1,
            True,
            "effective over all samples behind log_partition; near 0, it and the likelihood are not to be trusted",
        ),
    }


def _gain(tilts: torch.Tensor, partition: LogPartition) -> Measurement:
    value = float(tilts.mean()) - partition.upper
    half = Z95 * float(tilts.var() / len(tilts) + partition.standard_error**2) ** 0.5
    note = "held-out log-likelihood over that of the generator that is tilted, nats a sequence; 0 without a tilt"
    return Measurement(value, (value - half, value + half), 1, True, note)
