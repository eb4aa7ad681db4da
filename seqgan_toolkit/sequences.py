"""The vocabulary of the toolkit: sequence spaces and batches of sequences.

Between a domain's adapter and its decoder everything is a `SequenceBatch` over a `SequenceSpace`,
so models, objectives, training and sampling never ask which domain they serve.

Legend: B sequences, T steps, V token types, F values in a frame.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PAD, START, END, UNKNOWN = 0, 1, 2, 3
"""The ids that a token space with an end reserves, in this order."""
NO_END = -1
"""The `end` of a space whose sequences all have one length: no token equals it."""


@dataclass(frozen=True)
class TokenSpace:
    """Sequences of discrete tokens: int64 [B, T], or soft tokens on the simplex, float [B, T, V].

    A sequence holds its end token and not its start token; its length counts the end token.

    A space without an end token (`end` is `NO_END`) is of words alone: all sequences have one length, so that nothing
    is padded, and the id that stands before the first step is a word like any other.
    """

    size: int
    pad: int = PAD
    start: int = START
    end: int = END

    @classmethod
    def of_words(cls, size: int) -> TokenSpace:
        """Return a space of words alone, whose sequences start after word 0."""
        return cls(size, pad=0, start=0, end=NO_END)

    @property
    def never_drawn(self) -> tuple[int, ...]:
        """The ids that no sequence holds: padding and start, but where every id is a word."""
        return () if self.end == NO_END else (self.pad, self.start)


@dataclass(frozen=True)
class FrameSpace:
    """Sequences of real frames, float32 [B, T, F], every value in [low, high]; padding is `low`.

    `planes` is how many values stand at each place of a frame, one after the other: 3 for the colours of a pixel.
    `constant` lists the values of a frame that no sequence changes from step to step.
    """

    dim: int
    low: float = -1.0
    high: float = 1.0
    # Metrics keep what they have trained under a hash with this text in it, and do not hang on what follows.
    planes: int = field(default=1, repr=False)
    constant: tuple[int, ...] = field(default=(), repr=False)


SequenceSpace = TokenSpace | FrameSpace


def space_to_dict(space: SequenceSpace) -> dict[str, Any]:
    """Describe a space as plain data, which JSON gives back as it is."""
    fields = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(space).items()}
    return {"kind": "tokens" if isinstance(space, TokenSpace) else "frames", **fields}


def space_from_dict(description: dict[str, Any]) -> SequenceSpace:
    """Rebuild the space that `space_to_dict` described."""
    fields = {key: value for key, value in description.items() if key != "kind"}
    if description["kind"] == "tokens":
        return TokenSpace(**fields)
    # A corpus from before there were such values says nothing of them.
    return FrameSpace(**{**fields, "constant": tuple(fields.get("constant", ()))})


@dataclass(frozen=True)
class SequenceBatch:
    """A padded batch of sequences.

    Attributes:
        values: tokens int64 [B, T], soft tokens float [B, T, V], or frames float32 [B, T, F].
        lengths: int64 [B], at least 1; steps from `lengths[b]` on are padding.
        labels: int64 [B], or None when the data carry no labels.
    """

    values: torch.Tensor
    lengths: torch.Tensor
    labels: torch.Tensor | None = None

    def __len__(self) -> int:
        return self.values.shape[0]

    @property
    def num_steps(self) -> int:
        """T, the padded number of steps."""
        return self.values.shape[1]

    @property
    def mask(self) -> torch.Tensor:
        """Bool [B, T], true on the steps that belong to a sequence."""
        return length_mask(self.lengths, self.num_steps)

    def to(self, device: torch.device | str) -> SequenceBatch:
        """Return the batch on `device`."""
        labels = None if self.labels is None else self.labels.to(device)
        return SequenceBatch(self.values.to(device), self.lengths.to(device), labels)

    def rows(self, index: Any) -> SequenceBatch:
        """Return the sequences that `index` (a slice, a mask or indices) selects."""
        labels = None if self.labels is None else self.labels[index]
        return SequenceBatch(self.values[index], self.lengths[index], labels)

    def detach(self) -> SequenceBatch:
        """Return the batch cut from the graph that made its values."""
        return SequenceBatch(self.values.detach(), self.lengths, self.labels)


def length_mask(lengths: torch.Tensor, num_steps: int) -> torch.Tensor:
    """Return bool [B, T], true where the step is below the length of its row."""
    import torch

    return torch.arange(num_steps, device=lengths.device) < lengths[:, None]


def concatenate(batches: list[SequenceBatch], pad: float) -> SequenceBatch:
    """Join batches into one, padded with `pad` to the longest of them."""
    import torch

    num_steps = max(batch.num_steps for batch in batches)
    widened = []
    for batch in batches:
        missing = num_steps - batch.num_steps
        if missing:
            shape = (len(batch), missing, *batch.values.shape[2:])
            filler = torch.full(shape, pad, dtype=batch.values.dtype, device=batch.values.device)
            widened.append(torch.cat([batch.values, filler], dim=1))
        else:
            widened.append(batch.values)
    labels = [batch.labels for batch in batches if batch.labels is not None]
    return SequenceBatch(
        torch.cat(widened),
        torch.cat([batch.lengths for batch in batches]),
        torch.cat(labels) if len(labels) == len(batches) else None,
    )
