"""Many processes: who this one is, and the averages that they agree on.

Each network's gradients are averaged explicitly after its own backward: wrapping a GAN in one data-parallel module
breaks it. Under `torchrun` every process runs the same loop and the first one writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Ranks:
    """This process among all.

    Attributes:
        rank: 0 for the one that writes.
        world: how many there are.
        device: where the numbers that they exchange lie.
    """

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device("cpu")

    @staticmethod
    def join(device: torch.device) -> Ranks:
        """Join the processes that `torchrun` started; alone where it started none."""
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world == 1:
            return Ranks(device=device)
        if not distributed.is_initialized():
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return Ranks(distributed.get_rank(), world, device)

    @property
    def first(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes, in one message."""
        if self.world == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        joined = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(joined)
        joined /= self.world
        for gradient, mean in zip(gradients, torch.split(joined, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """Return the mean of a value over the processes, without a gradient."""
        value = value.detach().clone()
        if self.world > 1:
            distributed.all_reduce(value)
            value /= self.world
        return value

    def means(self, values: Mapping[str, torch.Tensor]) -> dict[str, float]:
        """Return the mean of every value over the processes, in one message."""
        means = self.mean(torch.stack([value.detach() for value in values.values()])).tolist()
        return dict(zip(values, means, strict=True))

    def largest(self, number: int) -> int:
        """Return the largest of the numbers that the processes bring."""
        if self.world == 1:
            return number
        largest = torch.tensor(number, device=self.device)
        distributed.all_reduce(largest, distributed.ReduceOp.MAX)
        return int(largest)

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.world > 1:
            distributed.barrier()
