"""Cells, from the settings of a generator."""

from __future__ import annotations

from functools import partial

from seqgan_toolkit.models.cells import CausalTransformer, CellMaker, MinGRU, RecurrentCell, RelationalMemory
from seqgan_toolkit.recipe import schema


def cell_maker(
    kind: schema.TokenCell,
    *,
    hidden_dim: int,
    num_layers: int = 1,
    num_heads: int | None = None,
    num_slots: int | None = None,
) -> CellMaker:
    """Return what makes a cell of a kind once the size of its inputs is known.

    Args:
        kind: the cell.
        hidden_dim: size of its state, or of a slot of it.
        num_layers: layers on top of each other.
        num_heads: heads of attention, where it attends.
        num_slots: slots of memory, where it has some.
    """
    heads = num_heads or schema.NUM_HEADS
    match kind:
        case "rnn" | "lstm" | "gru":
            return partial(RecurrentCell, kind, hidden_dim=hidden_dim, num_layers=num_layers)
        case "mingru":
            return partial(MinGRU, hidden_dim=hidden_dim, num_layers=num_layers)
        case "rmc":
            return partial(RelationalMemory, slot_dim=hidden_dim, num_heads=heads, num_slots=num_slots or 1)
        case "transformer":
            return partial(CausalTransformer, hidden_dim=hidden_dim, num_layers=num_layers, num_heads=heads)
