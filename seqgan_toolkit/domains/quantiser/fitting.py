"""Fitting a quantiser: reconstruction, commitment, and codes that follow what they stand for."""

from __future__ import annotations

import torch

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import SequenceStore
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.domains.quantiser.network import Quantiser, QuantiserSpec
from seqgan_toolkit.draws import Draws, seed_for
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

COMMITMENT = 0.25
"""Weight of the distance between what is encoded and its code (van den Oord et al. 2017, beta of equation 3)."""
DECAY = 0.99
"""Of the moving averages that the codes are (appendix A.1 there)."""
DEAD_SHARE = 0.05
"""A code that stands for less than this share of the mean is dead, and starts again where there are data."""


def fit_quantiser(store: SequenceStore, spec: QuantiserSpec, *, seed: int) -> Quantiser:
    """Fit a quantiser to the frames of one split; the seed decides everything.

    Args:
        store: sequences of frames.
        spec: sizes and steps.
        seed: of first weights, order and codes.
    """
    assert isinstance(store.space, FrameSpace)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "quantiser"))
        quantiser = Quantiser(spec, store.space)
    loader = Loader(store, min(spec.batch_size, len(store)), Draws(seed, "order of the quantiser"))
    codes = MovingCodes(quantiser.codes, Draws(seed, "codes of the quantiser"))
    optimizer = torch.optim.Adam(quantiser.parameters(), lr=spec.lr)
    for step in track(range(spec.steps), "fitting the quantiser", spec.steps):
        for group in optimizer.param_groups:
            group["lr"] = spec.lr * (1 - step / spec.steps)
        loss = fitting_loss(quantiser, codes, loader.next())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return quantiser.eval().requires_grad_(False)


def fitting_loss(quantiser: Quantiser, codes: MovingCodes, batch: SequenceBatch) -> torch.Tensor:
    """Return L1 + L2 of the reconstruction and the commitment on a batch of frames, and let the codes follow it."""
    patches, mask = quantiser.patches(batch)
    encoded = quantiser.encoder(patches, mask)
    codes.begin(encoded[mask])
    chosen = quantiser.nearest(encoded)
    quantised = quantiser.codes[chosen]
    # Straight through: what reaches a code passes to what it stands for (equation 3, the stop-gradient).
    rebuilt = quantiser.decoder(encoded + (quantised - encoded).detach(), mask)
    error = (rebuilt - patches)[mask]
    commitment = (encoded - quantised)[mask].square().mean()
    codes.follow(encoded[mask], chosen[mask])
    loss: torch.Tensor = error.abs().mean() + error.square().mean() + COMMITMENT * commitment
    return loss


class MovingCodes:
    """Moves each code to the average of the vectors that it stood for lately, and restarts the dead ones.

    Razavi et al. 2019, equation 2; restarts as in Dhariwal et al. 2020.

    Args:
        codes: float [K, D], changed in place.
        draws: which vectors new codes start at.
    """

    def __init__(self, codes: torch.Tensor, draws: Draws) -> None:
        self.codes, self.draws = codes, draws
        self.counts = torch.zeros(len(codes))
        self.sums = torch.zeros_like(codes)
        self._begun = False

    @torch.no_grad()
    def begin(self, vectors: torch.Tensor) -> None:
        """Start every code at one of the first vectors [N, D]."""
        if not self._begun:
            self._start(torch.ones(len(self.codes), dtype=torch.bool), vectors, len(vectors) / len(self.codes))
            self._begun = True

    @torch.no_grad()
    def follow(self, vectors: torch.Tensor, chosen: torch.Tensor) -> None:
        """Take in vectors [N, D] and the codes [N] that were chosen for them."""
        counts = torch.bincount(chosen, minlength=len(self.codes)).float()
        sums = torch.zeros_like(self.sums).index_add_(0, chosen, vectors)
        self.counts.lerp_(counts, 1 - DECAY)
        self.sums.lerp_(sums, 1 - DECAY)
        mean = float(self.counts.mean())
        self._start(self.counts < DEAD_SHARE * mean, vectors, mean)
        self.codes.copy_(self.sums / self.counts[:, None])

    def _start(self, which: torch.Tensor, vectors: torch.Tensor, count: float) -> None:
        """Put the codes that `which` [K] selects on random vectors, as if each had stood for `count` of them."""
        places = (self.draws.uniform(len(which)) * len(vectors)).long().clamp_(max=len(vectors) - 1)
        self.counts[which] = count
        self.sums[which] = vectors[places[which]] * count
        self.codes[which] = vectors[places[which]]
