"""Frames as tokens: a small vector quantiser, fitted in place on one corpus."""

from seqgan_toolkit.domains.quantiser.corpus import write_tokens
from seqgan_toolkit.domains.quantiser.fitting import fit_quantiser
from seqgan_toolkit.domains.quantiser.network import Quantiser, QuantiserSpec

__all__ = ["Quantiser", "QuantiserSpec", "fit_quantiser", "write_tokens"]
