"""The vector quantiser: frames to codes and back (VQ-VAE, van den Oord et al. 2017)."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.sequences import (
    END,
    PAD,
    FrameSpace,
    SequenceBatch,
    TokenSpace,
    length_mask,
    space_from_dict,
    space_to_dict,
)

FIRST_CODE = END + 1
"""The token of code 0: padding, start and end come before it."""
WIDTH = 3
NUM_BLOCKS = 2


@dataclass(frozen=True)
class QuantiserSpec:
    """How frames become tokens.

    Attributes:
        num_codes: K, codes in the book.
        frames_per_token: r, frames that one token stands for.
        code_dim: D, size of a code.
        hidden_dim: channels of the convolutions.
        steps: of fitting.
        batch_size: sequences in a step.
        lr: learning rate at the first step; it falls in a line to 0.
    """

    num_codes: int = 512
    frames_per_token: int = 2
    code_dim: int = 32
    hidden_dim: int = 128
    steps: int = 2000
    batch_size: int = 64
    lr: float = 1e-3


class Convolutions(nn.Module):
    """Residual convolutions over steps, between two linear maps; what lies behind a sequence is zero to them."""

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__()
        self.enter = nn.Linear(input_dim, hidden_dim)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(hidden_dim, hidden_dim, WIDTH, padding=WIDTH // 2),
                nn.GELU(),
                nn.Conv1d(hidden_dim, hidden_dim, 1),
            )
            for _ in range(NUM_BLOCKS)
        )
        self.leave = nn.Linear(hidden_dim, output_dim)

    def forward(self, steps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Map steps [B, P, I], with their mask [B, P], to [B, P, O]."""
        hidden, kept = self.enter(steps).transpose(1, 2), mask[:, None].to(steps.dtype)
        for block in self.blocks:
            hidden = hidden + block(hidden * kept)
        mapped: torch.Tensor = self.leave(functional.gelu(hidden).transpose(1, 2))
        return mapped


class Quantiser(nn.Module):
    """Groups of r frames to the nearest of K codes, and codes to frames; both look at the neighbours in time.

    What it makes of a sequence does not hang on the others of its batch.

    Args:
        spec: how frames become tokens.
        frames: the space of the frames.
    """

    codes: torch.Tensor

    def __init__(self, spec: QuantiserSpec, frames: FrameSpace) -> None:
        super().__init__()
        self.spec, self.frames = spec, frames
        patch_dim = spec.frames_per_token * frames.dim
        self.encoder = Convolutions(patch_dim, spec.hidden_dim, spec.code_dim)
        self.decoder = Convolutions(spec.code_dim, spec.hidden_dim, patch_dim)
        self.register_buffer("codes", torch.zeros(spec.num_codes, spec.code_dim))

    @property
    def space(self) -> TokenSpace:
        """The space of the tokens: the codes, after padding, start and end."""
        return TokenSpace(FIRST_CODE + self.spec.num_codes)

    def patches(self, batch: SequenceBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return frames [B, T, F] as groups [B, P, r F], the last one filled up with padding, and their mask [B, P]."""
        reach = self.spec.frames_per_token
        filled = functional.pad(batch.values, (0, 0, 0, -batch.num_steps % reach), value=self.frames.low)
        mask = length_mask((batch.lengths + reach - 1) // reach, filled.shape[1] // reach)
        return filled.reshape(len(batch), -1, reach * self.frames.dim), mask

    def nearest(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return int64 [...], the index of the code that is nearest to each vector [..., D]."""
        return (self.codes.square().sum(-1) - 2 * vectors @ self.codes.T).argmin(-1)

    @torch.no_grad()
    def encode(self, batch: SequenceBatch) -> SequenceBatch:
        """Turn frames [B, T, F] into tokens [B, ceil(T / r) + 1], closed by the end token."""
        patches, mask = self.patches(batch)
        codes = self.nearest(self.encoder(patches, mask))
        tokens = functional.pad(torch.where(mask, codes + FIRST_CODE, PAD), (0, 1), value=PAD)
        counts = mask.sum(1)
        return SequenceBatch(tokens.scatter(1, counts[:, None], END), counts + 1, batch.labels)

    @torch.no_grad()
    def decode(self, batch: SequenceBatch) -> SequenceBatch:
        """Turn tokens [B, P] into frames [B, T, F]; a sequence without a code becomes r frames of padding."""
        mask = batch.mask & (batch.values >= FIRST_CODE)
        patches = self.decoder(self.codes[(batch.values - FIRST_CODE).clamp(min=0)], mask)
        patches = torch.where(mask[..., None], patches.clamp(self.frames.low, self.frames.high), self.frames.low)
        reach = self.spec.frames_per_token
        lengths = mask.sum(1).clamp(min=1) * reach
        frames = patches.reshape(len(batch), -1, self.frames.dim)[:, : int(lengths.max())]
        return SequenceBatch(frames, lengths, batch.labels)

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `from_state` rebuilds this quantiser exactly."""
        from safetensors.torch import save

        weights = base64.b64encode(save(self.state_dict())).decode("ascii")
        return {"spec": asdict(self.spec), "frames": space_to_dict(self.frames), "weights": weights}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted quantiser."""
        from safetensors.torch import load

        frames = space_from_dict(state["frames"])
        assert isinstance(frames, FrameSpace)
        quantiser = cls(QuantiserSpec(**state["spec"]), frames)
        quantiser.load_state_dict(load(base64.b64decode(state["weights"])))
        return quantiser.eval().requires_grad_(False)
