"""Cells, from the settings of a generator."""

from __future__ import annotations

from functools import partial

from seqgan_toolkit.models.cells import CellMaker, MinGRU, RecurrentCell
from seqgan_toolkit.recipe import schema


def cell_maker(kind: schema.TokenCell, *, hidden_dim: int, num_layers: int = 1) -> CellMaker:
    """Return what makes a cell of a kind once the size of its inputs is known.

    Args:
        kind: the cell.
        hidden_dim: size of its state.
        num_layers: layers on top of each other.
    """
    match kind:
        case "rnn" | "lstm" | "gru":
            return partial(RecurrentCell, kind, hidden_dim=hidden_dim, num_layers=num_layers)
        case "mingru":
            return partial(MinGRU, hidden_dim=hidden_dim, num_layers=num_layers)
