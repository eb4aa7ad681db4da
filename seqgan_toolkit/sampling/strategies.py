"""How a token is chosen from its logits: temperature, then the most likely `top_k`, then the nucleus `top_p`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from seqgan_toolkit.errors import UserError


@dataclass(frozen=True)
class Strategy:
    """What changes a generator's distribution at generation, in this order.

    Attributes:
        temperature: divides the logits of tokens, and scales the noise of frames; 0 takes the most likely token.
        top_k: only so many of the most likely tokens stay (Fan et al. 2018); None keeps all.
        top_p: only the smallest set of most likely tokens whose probability reaches this share stays, at least one
            token (Holtzman et al. 2020); 1 keeps all.

    Raises:
        UserError: a value out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise UserError(f"--temperature must be 0 (the most likely) or more, found {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise UserError(f"--top-k must be at least 1 (the most likely token alone), found {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise UserError(f"--top-p must be above 0 and at most 1 (every token stays), found {self.top_p}")

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is taken."""
        return self.temperature == 0

    @property
    def filters(self) -> bool:
        """Whether some tokens are left out."""
        return self.top_k is not None or self.top_p < 1

    def filter(self, logits: torch.Tensor) -> torch.Tensor:
        """Return logits [B, V], divided by the temperature already, with those of the tokens left out at -inf."""
        if self.top_k is not None:
            logits = keep_top_k(logits, self.top_k)
        return keep_top_p(logits, self.top_p) if self.top_p < 1 else logits

    def noise_scale(self) -> float:
        """Return by how much the noise of a generator of frames is scaled.

        Raises:
            UserError: tokens are to be left out, and frames have none.
        """
        if self.filters:
            raise UserError("--top-k and --top-p choose among tokens, and this model makes frames: use --temperature")
        return self.temperature


CANDIDATES = 256
"""Tokens that are looked at for a share first: sorting all of them takes longer, and is seldom needed."""

PLAIN = Strategy()
"""The generator's own distribution."""


def keep_top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    """Return logits [B, V] in which all but the `k` largest of a row are -inf."""
    if k >= logits.shape[-1]:
        return logits
    values, tokens = logits.topk(k)
    return torch.full_like(logits, float("-inf")).scatter(-1, tokens, values)


def keep_top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    """Return logits [B, V] in which all but the smallest set of tokens whose probability reaches `p` are -inf."""
    shares = logits.softmax(-1)
    best, tokens = shares.topk(min(CANDIDATES, shares.shape[-1]))
    if (best.sum(-1) < p).any():
        best, tokens = shares.sort(dim=-1, descending=True)
    # A token stays where those before it do not reach p: the first one always does.
    before = functional.pad(best.cumsum(-1)[..., :-1], (1, 0))
    kept = logits.gather(-1, tokens).masked_fill(before >= p, float("-inf"))
    return torch.full_like(logits, float("-inf")).scatter(-1, tokens, kept)
