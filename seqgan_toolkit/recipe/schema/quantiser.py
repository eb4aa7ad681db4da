"""The vector quantiser that makes tokens of frames."""

from __future__ import annotations

from pydantic import Field

from seqgan_toolkit.recipe.schema.base import Section


class Quantiser(Section):
    """Frames as tokens: a small convolutional VQ-VAE (van den Oord et al. 2017), fitted while the data are prepared."""

    num_codes: int = Field(512, ge=2)
    """Codes, each a token. Codes that are not used start again where there are data."""
    frames_per_token: int = Field(2, ge=1)
    """Frames that one token stands for: as many times fewer steps, and a coarser sound."""
    code_dim: int = Field(32, ge=1)
    """Size of a code."""
    hidden_dim: int = Field(128, ge=1)
    """Channels of the convolutions of encoder and decoder."""
    steps: int = Field(2000, ge=1)
    """Of fitting, each on one batch."""
    batch_size: int = Field(64, ge=1)
    """Clips in a step; all of them where there are fewer."""
    lr: float = Field(1e-3, gt=0)
    """At the first step; it falls in a line to 0."""
