"""Explicit randomness: one stream for each purpose, drawn for the global batch and sliced by process.

Every process draws the numbers of the whole batch and keeps its own rows, so that the same seed gives
the same sequences on one process and on many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def seed_for(seed: int, purpose: str) -> int:
    """Derive the seed of one purpose from the run's seed, so that streams never share numbers."""
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


class Draws:
    """A stream of random numbers.

    Args:
        seed: the run's seed.
        purpose: what the numbers are for (`noise`, `dropout` …).
        device: where the numbers are made and used.
        rank: this process.
        world: how many processes share a batch.
        blocks: how many batches are joined, one behind the other, in what the numbers are for: 2 for a discriminator
            that sees real and generated sequences at once. Each of them is sliced by process.
    """

    def __init__(
        self,
        seed: int,
        purpose: str,
        *,
        device: torch.device | str = "cpu",
        rank: int = 0,
        world: int = 1,
        blocks: int = 1,
    ) -> None:
        self.device = torch.device(device)
        self.rank, self.world, self.blocks = rank, world, blocks
        self._generator = torch.Generator(self.device).manual_seed(seed_for(seed, purpose))

    def fork(self) -> Draws:
        """Start a stream of its own, for work whose number of draws may differ between processes."""
        seed = self.integer(2**62)
        return Draws(seed, "fork", device=self.device, rank=self.rank, world=self.world, blocks=self.blocks)

    @contextmanager
    def in_blocks(self, blocks: int) -> Iterator[None]:
        """Draw for so many joined batches for a while."""
        usual, self.blocks = self.blocks, blocks
        try:
            yield
        finally:
            self.blocks = usual

    def normal(self, rows: int, *shape: int) -> torch.Tensor:
        """Draw float [rows, *shape] from N(0, 1), the rows of this process."""
        drawn = torch.randn(rows * self.world, *shape, generator=self._generator, device=self.device)
        return self._own(drawn, rows)

    def uniform(self, rows: int, *shape: int) -> torch.Tensor:
        """Draw float [rows, *shape] from U[0, 1), the rows of this process."""
        drawn = torch.rand(rows * self.world, *shape, generator=self._generator, device=self.device)
        return self._own(drawn, rows)

    def gumbel(self, rows: int, *shape: int) -> torch.Tensor:
        """Draw float [rows, *shape] from the standard Gumbel distribution, the rows of this process."""
        drawn = torch.rand(rows * self.world, *shape, generator=self._generator, device=self.device)
        # 0 would become an infinity. `exponential_`, whose logarithm is Gumbel too, takes six times as long on a CPU.
        drawn.clamp_(min=1e-10).log_().neg_().log_().neg_()
        return self._own(drawn, rows)

    def uniform_everywhere(self, *shape: int) -> torch.Tensor:
        """Draw float64 [*shape] from U[0, 1), the same on every process."""
        return torch.rand(*shape, generator=self._generator, device=self.device, dtype=torch.float64)

    def integer(self, high: int) -> int:
        """Draw one integer from 0 to `high` - 1, the same on every process."""
        return int(torch.randint(high, (1,), generator=self._generator, device=self.device))

    def labels(self, rows: int, shares: torch.Tensor) -> torch.Tensor:
        """Draw int64 [rows] labels in the given shares [num_labels]."""
        edges = shares.to(self.device).cumsum(0)
        level = self.uniform(rows).to(edges.dtype)
        return torch.searchsorted(edges / edges[-1], level, right=True).clamp_(max=len(shares) - 1)

    def state_dict(self) -> dict[str, Any]:
        """Return where the stream stands."""
        return {"state": self._generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where `state_dict` stood."""
        self._generator.set_state(state["state"].cpu())

    def _own(self, drawn: torch.Tensor, rows: int) -> torch.Tensor:
        if self.world == 1:
            return drawn
        return drawn.view(self.blocks, self.world, rows // self.blocks, *drawn.shape[1:])[:, self.rank].flatten(0, 1)
