"""Cells: networks with two ways through time, `scan` over whole sequences and `step` for free running."""

from seqgan_toolkit.models.cells.attention import CausalTransformer
from seqgan_toolkit.models.cells.memory import RelationalMemory
from seqgan_toolkit.models.cells.mingru import MinGRU
from seqgan_toolkit.models.cells.protocol import Cell, CellMaker, State, first_state
from seqgan_toolkit.models.cells.recurrent import CellKind, RecurrentCell

__all__ = [
    "CausalTransformer",
    "Cell",
    "CellKind",
    "CellMaker",
    "MinGRU",
    "RecurrentCell",
    "RelationalMemory",
    "State",
    "first_state",
]
