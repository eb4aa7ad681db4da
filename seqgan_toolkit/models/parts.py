"""Small parts that several networks share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError


class Drawing(nn.Module):
    """A part that draws while training, from an explicit stream, so that resuming and many processes repeat it."""

    draws: Draws | None = None


class Dropout(Drawing):
    """Dropout whose masks come from an explicit stream.

    Args:
        share: the share of values that are zeroed while training.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Zero values [B, ...] at random and scale the rest up; do nothing outside of training."""
        if not self.training or self.share == 0:
            return values
        if self.draws is None:
            return nn.functional.dropout(values, self.share)
        # In place: the masks of wide features are as large as the features, and fresh memory costs more than the work.
        kept = self.draws.uniform(*values.shape).ge_(self.share).div_(1 - self.share)
        return values * kept.to(values.dtype)


class StepDropout(Dropout):
    """Dropout of whole steps, without scaling the others up: of words, where steps are embedded tokens."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Zero steps of values [B, T, ...] at random; do nothing outside of training."""
        if not self.training or self.share == 0:
            return values
        ones = values.new_ones(*values.shape[:2], *[1] * (values.dim() - 2))
        return values * (super().forward(ones) > 0)


def use_draws(network: nn.Module, draws: Draws) -> None:
    """Let every dropout and every other part of `network` that draws do so from `draws`."""
    for module in network.modules():
        if isinstance(module, Drawing):
            module.draws = draws


def switch_dropout(network: nn.Module, *, on: bool) -> None:
    """Switch every dropout of `network` on or off, and leave the mode of its other parts."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.train(on)


def parameters_named(network: nn.Module, prefixes: Sequence[str], setting: str) -> list[nn.Parameter]:
    """Return the parameters whose names begin with one of `prefixes`: `head` means `head.weight` and `head.bias`.

    Raises:
        UserError: no parameter has such a prefix, which `setting` of the recipe named.
    """
    # A tied parameter goes by all of its names.
    named = list(network.named_parameters(remove_duplicate=False))
    chosen: list[nn.Parameter] = []
    for prefix in prefixes:
        found = [parameter for name, parameter in named if f"{name}.".startswith(f"{prefix}.")]
        if not found:
            known = ", ".join(dict.fromkeys(name.partition(".")[0] for name, _ in named))
            raise UserError(f"{setting}: there is no parameter '{prefix}'. Known here: {known}")
        chosen += found
    return chosen


@contextmanager
def without_dropout(network: nn.Module) -> Iterator[None]:
    """Switch every dropout of `network` off for a while, and leave the mode of its other parts."""
    on = [module for module in network.modules() if isinstance(module, Dropout) and module.training]
    try:
        for module in on:
            module.eval()
        yield
    finally:
        for module in on:
            module.train()


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Leave the weights of `network` out of the graph: a backward to what it reads would go to waste on them."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    try:
        for weight in weights:
            weight.requires_grad_(False)
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)


def draw_parameters(network: nn.Module, std: float) -> None:
    """Start every parameter of `network`, its biases too, at N(0, std^2)."""
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=std)


class Highway(nn.Module):
    """A layer that adds to what it carries: t relu(H x) + (1 - t) x, t = sigmoid(T x) (Srivastava et al. 2015).

    H and T are two maps, biases included; T begins with a negative bias, so that most is carried at first.

    Args:
        dim: size of x.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.transform, self.gate = nn.Linear(dim, dim), nn.Linear(dim, dim)
        nn.init.constant_(self.gate.bias, -2.0)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return [..., dim] of values [..., dim]."""
        made: torch.Tensor = self.transform(values).relu()
        share: torch.Tensor = self.gate(values).sigmoid()
        return values + share * (made - values)


def embed(tokens: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Return the rows of table [V, D] for hard tokens int64 [...], or their mean under soft tokens [..., V]."""
    return nn.functional.embedding(tokens, table) if tokens.dtype == torch.int64 else tokens @ table


class LabelEmbedding(nn.Module):
    """An embedding of the label, or nothing where the data carry no labels.

    Args:
        num_labels: how many labels there are; 0 gives an embedding of size 0.
        dim: the size of the embedding.
    """

    def __init__(self, num_labels: int, dim: int) -> None:
        super().__init__()
        self.dim = dim if num_labels else 0
        self.table: nn.Module | None = nn.Embedding(num_labels, dim) if num_labels else None

    def forward(self, labels: torch.Tensor | None, rows: int, like: torch.Tensor) -> torch.Tensor:
        """Return [rows, dim] for labels int64 [rows], on the device and of the type of `like`."""
        if self.table is None:
            return like.new_zeros(rows, 0)
        if labels is None:
            raise ValueError("this network is conditional on a label, and none was given")
        embedded: torch.Tensor = self.table(labels)
        return embedded


class LengthTable(nn.Module):
    """The lengths of the data for each label, drawn by inverting their distribution.

    It keeps evenly spaced quantiles of the training lengths and interpolates between them.

    Args:
        num_labels: how many labels there are; 0 and 1 keep one distribution.
        num_quantiles: how finely a distribution is kept.
    """

    quantiles: torch.Tensor

    def __init__(self, num_labels: int, num_quantiles: int = 33) -> None:
        super().__init__()
        self.register_buffer("quantiles", torch.ones(max(1, num_labels), num_quantiles))

    def fit(self, lengths: torch.Tensor, labels: torch.Tensor | None) -> None:
        """Take the distributions from lengths int64 [N] and labels int64 [N]."""
        levels = torch.linspace(0, 1, self.quantiles.shape[1])
        for label in range(self.quantiles.shape[0]):
            chosen = lengths if labels is None else lengths[labels == label]
            # A label that no sequence has, such as factors that never met, has the lengths of all.
            self.quantiles[label] = torch.quantile((chosen if len(chosen) else lengths).float(), levels)

    def forward(self, labels: torch.Tensor | None, uniform: torch.Tensor) -> torch.Tensor:
        """Return lengths int64 [B] for uniform numbers [B] in [0, 1)."""
        rows = torch.zeros_like(uniform, dtype=torch.int64) if labels is None else labels
        position = uniform * (self.quantiles.shape[1] - 1)
        below = position.floor().long()
        table = self.quantiles[rows if self.quantiles.shape[0] > 1 else torch.zeros_like(rows)]
        low = table.gather(1, below[:, None])[:, 0]
        high = table.gather(1, (below + 1)[:, None])[:, 0]
        return torch.lerp(low, high, position - below).round().long().clamp(min=1)


def reverse_within(values: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Reverse the steps of values [B, T, H] within the length of each row; padding stays behind."""
    steps = torch.arange(values.shape[1], device=values.device)
    mirrored = lengths[:, None] - 1 - steps
    index = torch.where(mirrored >= 0, mirrored, steps)
    return values.gather(1, index[..., None].expand_as(values))
