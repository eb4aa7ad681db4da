"""What the networks must know of the data, kept in every checkpoint so that a model can be rebuilt without them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import torch

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.labels import Factors
from seqgan_toolkit.sequences import SequenceSpace, space_from_dict, space_to_dict


@dataclass(frozen=True)
class DataFacts:
    """Facts of a corpus.

    Attributes:
        space: the space of its sequences.
        label_names: the names behind the labels; empty for none.
        label_shares: how often each label comes in the training split.
        max_length: the longest training sequence, in steps.
        fixed_length: whether all sequences are that long.
    """

    space: SequenceSpace
    label_names: tuple[str, ...]
    label_shares: tuple[float, ...]
    max_length: int
    fixed_length: bool

    @classmethod
    def of(cls, corpus: Corpus) -> Self:
        """Read the facts off a corpus."""
        train = corpus.splits["train"]
        shares: tuple[float, ...] = ()
        if train.labels is not None:
            counts = np.bincount(train.labels, minlength=len(corpus.label_names))
            shares = tuple(float(count) / len(train) for count in counts)
        lengths = train.lengths
        return cls(
            space=corpus.space,
            label_names=corpus.label_names if train.labels is not None else (),
            label_shares=shares,
            max_length=int(lengths.max()),
            fixed_length=bool(lengths.min() == lengths.max()),
        )

    @property
    def num_labels(self) -> int:
        """How many labels there are; 0 for none."""
        return len(self.label_names)

    @property
    def factors(self) -> Factors:
        """What the names of the labels say."""
        return Factors.of(self.label_names)

    def shares(self) -> torch.Tensor | None:
        """Return the label shares [num_labels], or None without labels."""
        return torch.tensor(self.label_shares, dtype=torch.float64) if self.label_shares else None

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds the facts."""
        return {**asdict(self), "space": space_to_dict(self.space)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the facts."""
        return cls(
            space=space_from_dict(state["space"]),
            label_names=tuple(state["label_names"]),
            label_shares=tuple(state["label_shares"]),
            max_length=state["max_length"],
            fixed_length=state["fixed_length"],
        )
