"""The sequences of a corpus of frames, written as tokens."""

from __future__ import annotations

from typing import Any

import torch

from seqgan_toolkit.console import say, track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter, SequenceStore
from seqgan_toolkit.data.held import chunks
from seqgan_toolkit.data.source import Split
from seqgan_toolkit.domains.quantiser.network import FIRST_CODE, Quantiser

CHUNK = 256
"""Sequences that are encoded at once."""


def write_tokens(frames: Corpus, quantiser: Quantiser, writer: CorpusWriter) -> dict[str, Any]:
    """Write every split of a corpus of frames as tokens.

    Args:
        frames: the corpus that the quantiser was fitted to.
        quantiser: makes the tokens.
        writer: of a corpus in the quantiser's space.

    Returns:
        For the corpus's notes: what is lost on validation (on training where there is none), as the root mean square of
        the error and of the frames' distance from their mean, and how training uses the codes.
    """
    counts = {split: _encode(store, split, quantiser, writer) for split, store in frames.splits.items()}
    return _about(quantiser, frames, counts["train"])


def _encode(store: SequenceStore, split: Split, quantiser: Quantiser, writer: CorpusWriter) -> torch.Tensor:
    """Write the tokens of a split; return int64 [K], how often each code comes."""
    counts = torch.zeros(quantiser.spec.num_codes, dtype=torch.int64)
    for batch in track(chunks(store, CHUNK), f"tokens of {split}", -(-len(store) // CHUNK)):
        tokens = quantiser.encode(batch)
        labels = None if batch.labels is None else batch.labels.tolist()
        writer.add_many(split, tokens.values[tokens.mask].numpy(), tokens.lengths.tolist(), labels)
        counts += torch.bincount(tokens.values[tokens.values >= FIRST_CODE] - FIRST_CODE, minlength=len(counts))
    return counts


def _about(quantiser: Quantiser, frames: Corpus, counts: torch.Tensor) -> dict[str, Any]:
    """Return what is lost and which codes are used; say it, too."""
    split: Split = "valid" if len(frames.splits["valid"]) else "train"
    error, spread = _error(quantiser, frames.splits[split])
    shares = counts[counts > 0] / counts.sum()
    used, perplexity = len(shares) / len(counts), float((-shares * shares.log()).sum().exp())
    say(
        f"quantiser: root mean square error {error:.3f} on {split}, where frames spread by {spread:.3f}; "
        f"{used:.0%} of {len(counts)} codes used, perplexity {perplexity:.0f}"
    )
    return {
        "measured_on": split,
        "rms_error": error,
        "rms_spread": spread,
        "codes_used": used,
        "code_perplexity": perplexity,
    }


def _error(quantiser: Quantiser, store: SequenceStore) -> tuple[float, float]:
    """Return the root mean square of the error of rebuilt frames, and of their distance from the mean frame."""
    num_frames = 0
    errors, total, squares = torch.zeros(3, quantiser.frames.dim, dtype=torch.float64)
    for batch in chunks(store, CHUNK):
        rebuilt = quantiser.decode(quantiser.encode(batch)).values[:, : batch.num_steps]
        real, found = batch.values[batch.mask].double(), rebuilt[batch.mask].double()
        num_frames += len(real)
        errors += (found - real).square().sum(0)
        total += real.sum(0)
        squares += real.square().sum(0)
    variance = (squares / num_frames - (total / num_frames).square()).clamp(min=0)
    return float((errors / num_frames).mean().sqrt()), float(variance.mean().sqrt())
