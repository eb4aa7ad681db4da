"""The relational memory core: a recurrent cell that attends over its memory and its input."""

from __future__ import annotations

import torch
from torch import nn

from seqgan_toolkit.models.cells.protocol import Cell, State


class RelationalMemory(Cell):
    """The relational memory core (Santoro et al. 2018), as in RelGAN (Nie et al. 2019).

    Memory slots M attend, with heads, over [M; x], where x is the projected input. A residual and layer normalisation,
    two linear layers with their own residual and normalisation, and gates for every unit follow:
    M' = i tanh(new) + f M with i, f = sigmoid(gates(x) + gates(tanh M)). The output is all slots in a row, and so
    is the state, one tensor [S, B, D]. Before the first step slot n is the unit vector n.

    Whatever depends on the input alone is one matrix product (the queries, keys and values of x, which share their
    weights with those of the memory, and its share of the gates), made for all steps of a scan at once.

    Args:
        input_dim: I, the size of an input.
        slot_dim: D, the size of a slot.
        num_heads: heads of the attention, which divide D.
        num_slots: S, how many slots there are.
    """

    def __init__(self, input_dim: int, slot_dim: int, *, num_heads: int, num_slots: int = 1) -> None:
        super().__init__()
        self.slot_dim, self.num_heads, self.num_slots = slot_dim, num_heads, num_slots
        self.hidden_dim = self.state_dim = num_slots * slot_dim
        self.enter = nn.Linear(input_dim, slot_dim)
        self.attend = nn.Linear(slot_dim, 3 * slot_dim)
        self.attend_norm = nn.LayerNorm(3 * slot_dim)
        self.input_gates = nn.Linear(slot_dim, 2 * slot_dim)
        self.memory_gates = nn.Linear(slot_dim, 2 * slot_dim, bias=False)
        self.read_norm = nn.LayerNorm(slot_dim)
        self.process = nn.Sequential(nn.Linear(slot_dim, slot_dim), nn.ReLU(), nn.Linear(slot_dim, slot_dim))
        self.process_norm = nn.LayerNorm(slot_dim)
        with torch.no_grad():
            self.input_gates.bias[slot_dim:] += 1.0  # it starts by remembering

    def zero_state(self, rows: int) -> State:
        """Return the state before the first step: unit vectors, so that slots are told apart."""
        units = torch.eye(self.num_slots, self.slot_dim, device=self.enter.weight.device, dtype=self.enter.weight.dtype)
        return (units[:, None].expand(-1, rows, -1),)

    def state_from(self, values: torch.Tensor) -> State:
        """Return the state before the first step that values [B, S D] in (-1, 1) set."""
        return (values.reshape(len(values), self.num_slots, self.slot_dim).transpose(0, 1),)

    def input_weights(self, columns: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights [5 D, n] and bias [5 D] of the input's query, key, value and gates, in one product."""
        weight = torch.cat([self.attend.weight, self.input_gates.weight])
        bias = torch.cat([self.attend.bias, self.input_gates.bias])
        return weight @ self.enter.weight[:, columns], torch.addmv(bias, weight, self.enter.bias)

    def scan(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run over inputs [B, T, I]; return outputs [B, T, S D] and the last state."""
        (memory,), outputs = state, []
        for step in zip(*(part.unbind(1) for part in self._read(self.project(inputs))), strict=True):
            memory = self._advance(memory, *step)
            outputs.append(memory)
        return torch.stack(outputs).permute(2, 0, 1, 3).flatten(2), (memory,)

    def step_projected(self, projected: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Run one step whose input product [B, 5 D] is given; see `step`."""
        memory = self._advance(state[0], *self._read(projected))
        return memory.transpose(0, 1).flatten(1), (memory,)

    def _read(self, projected: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return keys [..., D], values [..., D] and gates [..., 2 D] of the inputs' product [..., 5 D]."""
        attended, gates = torch.split(projected, [3 * self.slot_dim, 2 * self.slot_dim], dim=-1)
        # The normalisation runs over query, key and value together, also where the query is not used.
        _, keys, values = self.attend_norm(attended).chunk(3, dim=-1)
        return keys, values, gates

    def _advance(
        self, memory: torch.Tensor, key: torch.Tensor, value: torch.Tensor, gates: torch.Tensor
    ) -> torch.Tensor:
        """Return the next memory [S, B, D] for key [B, D], value [B, D] and gates [B, 2 D] of the input."""
        queries, keys, values = self.attend_norm(self.attend(memory)).chunk(3, dim=-1)
        read = self._attention(queries, torch.cat([keys, key[None]]), torch.cat([values, value[None]]))
        attended = self.read_norm(memory + read)
        processed = self.process_norm(attended + self.process(attended))
        entry, forget = torch.sigmoid(self.memory_gates(memory.tanh()) + gates).chunk(2, dim=-1)
        return torch.addcmul(forget * memory, entry, processed.tanh())

    def _attention(self, queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Return what queries [S, B, D] read from values [N, B, D] by their keys [N, B, D].

        So few keys are multiplied and summed by hand: batched products of this size cost more than they compute.
        """
        heads = (self.num_heads, self.slot_dim // self.num_heads)
        queries, keys, values = (
            torch.unflatten(part, -1, heads) for part in (queries * heads[1] ** -0.5, keys, values)
        )
        weights = torch.softmax((queries[:, None] * keys).sum(-1, keepdim=True), dim=1)
        return (weights * values).sum(1).flatten(-2)
