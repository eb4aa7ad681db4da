"""Whether a generator comes nearer to what it was trained on than to what it has not seen."""

from __future__ import annotations

import math

import torch

from seqgan_toolkit.metrics.base import WARNING, Measurement, mean_with_interval

VERSION = 1
SUSPECT = 0.5
Z95 = 1.959964


def inversion_measurements(training: torch.Tensor, held_out: torch.Tensor) -> dict[str, Measurement]:
    """Return `inversion_error`, the mean over held-out sequences, and `inversion_training_ratio`.

    The ratio is that of the means; its interval is by the delta method.

    Args:
        training: how far the generator stays from each of its training sequences, float [N], N at least 2.
        held_out: the same of sequences that it has not seen, float [M], M at least 2.
    """
    error = mean_with_interval(held_out, version=VERSION, higher_is_better=False, note=f"{len(held_out)} sequences")
    sides = [errors.double() for errors in (training, held_out)]
    if min(float(side.mean()) for side in sides) == 0:
        exact = Measurement(None, None, VERSION, None, "sequences are made without any error")
        return {"inversion_error": error, "inversion_training_ratio": exact}
    value = float(sides[0].mean() / sides[1].mean())
    half = Z95 * value * math.sqrt(sum(float(side.var() / len(side) / side.mean() ** 2) for side in sides))
    suspect = WARNING + "training sequences are made much more nearly than new ones: learnt by heart"
    note = suspect if value < SUSPECT else "1 is as near to its training sequences as to new ones"
    interval = (max(0.0, value - half), value + half)
    return {"inversion_error": error, "inversion_training_ratio": Measurement(value, interval, VERSION, None, note)}
