"""A test of whether samples are nearer to their training data than to other data of the same law.

Bounliphone, Belilovsky, Blaschko, Antonoglou and Gretton, "A test of relative similarity for model selection in
generative models" (2016), as Esteban, Hyland and Rätsch (2017) ask it of a generator.
"""

from __future__ import annotations

import math

import torch

from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.mmd import rbf_kernels, u_statistic_variance

VERSION = 1


def relative_mmd_p(
    samples: torch.Tensor, training: torch.Tensor, held_out: torch.Tensor, bandwidths: tuple[float, ...]
) -> Measurement:
    """Return the p-value of "the samples are no nearer to the training data than to held-out data", nearer by MMD.

    MMD^2(samples, held out) - MMD^2(samples, training) is a U-statistic over the triples of the three samples, in which
    the samples' own pairs cancel; its normal law has the variance of Hoeffding (1948).

    Args:
        samples: float [N, D], N at least 4.
        training: float [N, D].
        held_out: float [N, D].
        bandwidths: of the RBF kernels, which were chosen on other sequences.
    """
    count = len(samples)
    core = rbf_kernels(samples, held_out, bandwidths).core() - rbf_kernels(samples, training, bandwidths).core()
    difference, deviation = float(core.sum()) / math.perm(count, 2), math.sqrt(u_statistic_variance(core))
    # Three equal samples differ by nothing, and by nothing at all.
    p = 0.5 * math.erfc(difference / deviation / math.sqrt(2)) if deviation else 0.5
    note = (
        f"MMD^2 to held-out data less that to training data: {difference:.3g}, deviation {deviation:.2g}, {count} each"
    )
    return Measurement(p, None, VERSION, None, note)
