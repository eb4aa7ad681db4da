"""What every part of one run is made with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent


def choose_device(name: str) -> torch.device:
    """Return the device that a recipe asks for; `auto` takes the GPU where there is one.

    Raises:
        UserError: CUDA was asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("device 'cuda' was asked for, and torch sees no CUDA device: use device=auto or device=cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    # Of the processes that `torchrun` starts on one machine, each takes its own GPU.
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if name == "cuda" else torch.device(name)


@dataclass(frozen=True)
class Workshop:
    """What every part of one run is made with."""

    recipe: schema.Recipe
    corpus: Corpus
    facts: DataFacts
    device: torch.device
    ranks: Ranks

    def draws(self, purpose: str, *, on_cpu: bool = False, blocks: int = 1) -> Draws:
        """Start the stream of one purpose."""
        device, ranks = "cpu" if on_cpu else self.device, self.ranks
        return Draws(self.recipe.seed, purpose, device=device, rank=ranks.rank, world=ranks.world, blocks=blocks)

    def loader(self, purpose: str, batch_size: int, **settings: Any) -> Loader:
        """Start reading the training split for one purpose; `settings` are those of `Loader`."""
        draws = self.draws(f"order of {purpose}", on_cpu=True)
        return Loader(self.corpus.splits["train"], batch_size, draws, **settings)

    def grouped_loader(self, purpose: str, batch_size: int, discriminator: schema.DiscriminatorConfig) -> Loader:
        """Start reading the training split in the groups that a discriminator judges."""
        mixed = discriminator.group_labels == "mixed"
        return self.loader(purpose, batch_size, group_size=discriminator.neighbours, mixed=mixed)

    def descent(self, network: torch.nn.Module, config: schema.Optimizer) -> Descent:
        """Make the optimiser of one network."""
        settings = config.model_dump(exclude={"decay_from"})
        usual = {"linear": 0.5, "cosine": 0.0}[config.schedule]
        decay_from = usual if config.decay_from is None else config.decay_from
        return Descent(network, ranks=self.ranks, decay_from=decay_from, **settings)

    @property
    def autocast(self) -> bool:
        """Whether networks run in bfloat16."""
        return self.recipe.precision == "bfloat16"
