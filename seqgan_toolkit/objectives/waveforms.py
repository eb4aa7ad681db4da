"""What a vocoder minimises: distances between spectra, and a game that several views of a waveform judge."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from seqgan_toolkit.models.waveform_discriminator import WaveformVerdict
from seqgan_toolkit.objectives.losses import LOSSES

Verdicts = Sequence[WaveformVerdict]

HINGE = LOSSES["hinge"]


def discriminator_loss(real: Verdicts, fake: Verdicts) -> torch.Tensor:
    """Return the hinge loss, mean over views."""
    losses = [HINGE.discriminator(r.verdict, f.verdict) for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).mean()


def generator_loss(real: Verdicts, fake: Verdicts) -> torch.Tensor:
    """Return the generator's side of the hinge loss, mean over views."""
    losses = [HINGE.generator(r.verdict, f.verdict) for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).mean()


def feature_distance(real: Verdicts, fake: Verdicts) -> torch.Tensor:
    """Return the L1 distance between features, mean over layers and views (MelGAN, Kumar et al. 2019, equation 4)."""
    pairs = [pair for r, f in zip(real, fake, strict=True) for pair in zip(r.features, f.features, strict=True)]
    return torch.stack([(found - wanted).abs().mean() for wanted, found in pairs]).mean()
