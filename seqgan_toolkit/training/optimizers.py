"""One network's way down: gradients averaged, checked, clipped, and a step at the scheduled learning rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import nn

from seqgan_toolkit.errors import RunError
from seqgan_toolkit.models.parts import parameters_named
from seqgan_toolkit.objectives.schedules import Shape, held_then_falling, towards
from seqgan_toolkit.training.distribution import Ranks


class NonFiniteLossError(RunError):
    """A loss or a gradient is not a finite number; the step was not taken."""


class Descent:
    """AdamW, or plain gradient descent, on the parameters of one network.

    Args:
        network: what is trained.
        lr: the learning rate at the start.
        betas: Adam's decays.
        weight_decay: decoupled, on matrices only (embeddings and weights, not biases).
        clip: the largest norm of the gradient.
        decay_from: the share of the phase after which the learning rate falls.
        final_lr: the learning rate at the end, as a share of `lr`.
        ranks: the processes whose gradients are averaged.
        schedule: the course of the fall.
        decay_only: prefixes of the names of the parameters that decay; all do when empty.
        kind: which of the two; `sgd` has no use for `betas`.
        final_beta2: what the second of `betas` becomes by the end of the phase, along a cosine, or None.

    Raises:
        UserError: the network has no parameter of such a prefix.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
        clip: float,
        decay_from: float,
        final_lr: float,
        ranks: Ranks,
        schedule: Shape = "linear",
        decay_only: Sequence[str] = (),
        kind: Literal["adam", "sgd"] = "adam",
        final_beta2: float | None = None,
    ) -> None:
        self.parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        chosen = set(parameters_named(network, decay_only, "decay_only") if decay_only else self.parameters)
        decaying = [parameter for parameter in self.parameters if parameter.dim() > 1 and parameter in chosen]
        others = [parameter for parameter in self.parameters if parameter.dim() <= 1 or parameter not in chosen]
        groups = [{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
        # Without momentum, SGD's decay is the decoupled one.
        self.optimizer: torch.optim.Optimizer = (
            torch.optim.SGD(groups, lr=lr, fused=True)
            if kind == "sgd"
            else torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)
        )
        self.betas, self.final_beta2 = betas, final_beta2
        self.lr, self.clip, self.ranks = lr, clip, ranks
        self.decay_from, self.final_lr, self.schedule = decay_from, final_lr, schedule

    def step(self, loss: torch.Tensor, name: str, done: float) -> tuple[float, float]:
        """Take one step down `loss` when the share `done` of the phase is behind; return loss and gradient norm.

        Raises:
            NonFiniteLossError: before anything changed.
        """
        # The mean over processes is looked at, so that all of them stop together.
        value = float(self.ranks.mean(loss))
        if not math.isfinite(value):
            raise NonFiniteLossError(f"the loss '{name}' is {value}")
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.ranks.average_gradients(self.parameters)
        total = nn.utils.get_total_norm([parameter.grad for parameter in self.parameters if parameter.grad is not None])
        norm = float(total)
        if not math.isfinite(norm):
            raise NonFiniteLossError(f"the gradient of '{name}' has the norm {norm}")
        if norm > self.clip:
            nn.utils.clip_grads_with_norm_(self.parameters, self.clip, total)
        self._schedule(done)
        self.optimizer.step()
        return value, norm

    def _schedule(self, done: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * held_then_falling(done, self.decay_from, self.final_lr, self.schedule)
            if self.final_beta2 is not None:
                group["betas"] = (self.betas[0], towards(self.betas[1], self.final_beta2, done))

    def state_dict(self) -> dict[str, Any]:
        """Return the optimiser's state."""
        return self.optimizer.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.optimizer.load_state_dict(state)
