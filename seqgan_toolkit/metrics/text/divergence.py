"""The Jensen-Shannon divergence of a model and a truth whose densities are both known."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import softplus

from seqgan_toolkit.metrics.base import Measurement

Z95 = 1.959964
FEWEST = 2


def jensen_shannon(truth: torch.Tensor, model: torch.Tensor, impossible: int, num_samples: int) -> Measurement:
    """Return 1/2 E_p log(2 p / (p + q)) + 1/2 E_q log(2 q / (p + q)), in nats; 0 is equal, log 2 is disjoint.

    Where p is not zero the second expectation is taken over samples of p too, with the weight t = q / p; the two
    terms are then f(t) = 1/2 log(2 / (1 + t)) + t/2 log(2 t / (1 + t)), which is never negative, is 0 at t = 1 and is
    flat there, so that the estimate's noise falls with the divergence. Where p is zero, samples of q are counted.

    Args:
        truth: log p [N] of samples of p.
        model: log q [N] of the same samples.
        impossible: how many samples of q have p = 0.
        num_samples: samples of q.
    """
    if len(truth) < FEWEST:
        return Measurement(None, None, 1, False, f"needs {FEWEST} real sequences that can occur at least")
    # A model that rules a real sentence out would give 0 times infinity.
    log_ratio = (model - truth).double().clamp(min=-700)
    terms = 0.5 * (math.log(2) - softplus(log_ratio)) + 0.5 * log_ratio.exp() * (math.log(2) - softplus(-log_ratio))
    outside = impossible / num_samples
    value = float(terms.mean()) + 0.5 * math.log(2) * outside
    variance = float(terms.var()) / len(terms)
    variance += (0.5 * math.log(2)) ** 2 * outside * (1 - outside) / num_samples
    half = Z95 * variance**0.5
    note = (
        f"nats a sentence, of at most {math.log(2):.3f}; {0.5 * math.log(2) * outside:.4f} of it are samples that "
        f"cannot occur; standard error {variance**0.5:.5f}"
    )
    return Measurement(value, (max(0.0, value - half), min(math.log(2), value + half)), 1, False, note)
