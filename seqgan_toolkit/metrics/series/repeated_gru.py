"""Many small GRUs of one size that are trained side by side, each on data of its own.

A score that is the mean over ten networks of three units costs ten times the overhead of one when they are trained in
turn. Side by side they are one batched product a step, and each is, to rounding, what it would be alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqgan_toolkit.console import track

LR = 1e-3
SEED = 20191208

Indices = npt.NDArray[np.int64]


def streams(repeats: int, purpose: str) -> list[np.random.Generator]:
    """Return a stream of random numbers for every network; the first ones do not depend on how many there are."""
    return [np.random.default_rng((SEED, *purpose.encode(), repeat)) for repeat in range(repeats)]


class RepeatedGRU(nn.Module):
    """R GRUs of one layer, each with a linear output of one value a step.

    r, u = sigmoid([x, h] A + a), c = tanh([x, r h] C + c0), h' = u h + (1 - u) c (Cho et al. 2014). Kernels are Glorot
    uniform, the gates' biases 1 and the others 0, as in the code of the TimeGAN paper.

    Args:
        input_dim: size of a step.
        hidden_dim: units of each network.
        rngs: R streams that draw the initial weights, one for each network.
    """

    def __init__(self, input_dim: int, hidden_dim: int, rngs: Sequence[np.random.Generator]) -> None:
        super().__init__()
        repeats, both = len(rngs), input_dim + hidden_dim
        gates, candidate = _glorot(rngs, both, 2 * hidden_dim), _glorot(rngs, both, hidden_dim)
        # Kernels are [outputs, inputs]: a state is [R, H, B], so that every operation runs along the many rows.
        self.enter = nn.Parameter(torch.cat([gates[..., :input_dim], candidate[..., :input_dim]], dim=1))
        self.gates = nn.Parameter(gates[..., input_dim:].clone())
        self.candidate = nn.Parameter(candidate[..., input_dim:].clone())
        self.bias = nn.Parameter(torch.cat([torch.ones(2 * hidden_dim), torch.zeros(hidden_dim)]).repeat(repeats, 1))
        self.output = nn.Parameter(_glorot(rngs, hidden_dim, 1))
        self.output_bias = nn.Parameter(torch.zeros(repeats, 1, 1))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what each network says after every step, [R, B, T], of inputs [R, B, T, I]."""
        repeats, rows, steps, _ = inputs.shape
        hidden_dim = self.candidate.shape[1]
        across = inputs.permute(0, 3, 2, 1).reshape(repeats, -1, steps * rows)
        projected = torch.baddbmm(self.bias[..., None], self.enter, across).view(repeats, -1, steps, rows)
        hidden, states = inputs.new_zeros(repeats, hidden_dim, rows), []
        # Cut once, before the loop: a cut at every step is undone at every step on the way back.
        by_step = projected.permute(2, 0, 1, 3)
        parts = by_step[:, :, : 2 * hidden_dim], by_step[:, :, 2 * hidden_dim :]
        for for_gates, for_candidate in zip(*(part.contiguous().unbind() for part in parts), strict=True):
            reset, update = torch.baddbmm(for_gates, self.gates, hidden).sigmoid().chunk(2, dim=1)
            candidate = torch.baddbmm(for_candidate, self.candidate, reset * hidden).tanh()
            hidden = torch.lerp(candidate, hidden, update)
            states.append(hidden)
        said = torch.baddbmm(self.output_bias, self.output, torch.cat(states, dim=2))
        return said.view(repeats, steps, rows).transpose(1, 2)


def train(network: RepeatedGRU, iterations: int, loss: Callable[[], torch.Tensor], about: str) -> None:
    """Minimise a loss [R], one for each network: the sum has for each network the gradient that it would have alone."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LR, fused=True)
    for _ in track(range(iterations), about, iterations):
        optimizer.zero_grad(set_to_none=True)
        loss().sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _glorot(rngs: Sequence[np.random.Generator], num_inputs: int, num_outputs: int) -> torch.Tensor:
    limit = math.sqrt(6 / (num_inputs + num_outputs))
    drawn = [rng.uniform(-limit, limit, (num_outputs, num_inputs)) for rng in rngs]
    return torch.from_numpy(np.stack(drawn)).float()
