"""LeakGAN's generator: a manager that sets goals from leaked features, and a worker that pursues them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from seqgan_toolkit.models.cells import CellMaker
from seqgan_toolkit.models.cells.protocol import State
from seqgan_toolkit.models.parts import embed
from seqgan_toolkit.models.prefix_features import PrefixFeatures
from seqgan_toolkit.models.token_generator import TokenGenerator, TokenState
from seqgan_toolkit.sequences import TokenSpace


class ManagerWorkerGenerator(TokenGenerator):
    """Guo et al. 2018, "Long Text Generation via Adversarial Training with Leaked Information".

    The manager reads the leaked features f_t of the prefix and gives a goal g_t of length 1 in their space (equations 5
    and 6). The goals of the last c steps, this one's too, are summed and projected to w_t (7); the worker's cell gives
    a matrix O_t, and the logits are O_t w_t and a bias (4). O_t is linear in the worker's state h_t, so that they are
    linear in the products of h_t (and of 1) with w_t, which is what the head reads: whoever knows a `TokenGenerator`
    can run this one.

    No gradient passes from the logits to the goals: the manager has a loss of its own (`objectives/goals.py`).

    Args:
        space: the token space.
        features: what the discriminator leaks.
        worker: makes the worker's cell.
        manager: makes the manager's cell.
        horizon: c, the steps within which a goal should be reached.
        action_dim: k, the size of w_t.
        num_labels: how many labels the data carry; 0 for none. The worker reads them.
        embedding_dim: size of a token's embedding.
        noise_dim: size of the noise of a sequence; 0 for none. The worker reads it.
        label_dim: size of the label's embedding.
        dropout: on the worker's inputs and outputs, while training.
    """

    def __init__(
        self,
        space: TokenSpace,
        *,
        features: PrefixFeatures,
        worker: CellMaker,
        manager: CellMaker,
        horizon: int,
        action_dim: int,
        num_labels: int,
        embedding_dim: int,
        noise_dim: int,
        label_dim: int,
        dropout: float,
    ) -> None:
        super().__init__(
            space,
            num_labels=num_labels,
            cell=worker,
            embedding_dim=embedding_dim,
            noise_dim=noise_dim,
            step_noise_dim=0,
            label_dim=label_dim,
            dropout=dropout,
        )
        self.features, self.horizon = features, horizon
        self.manager = manager(features.dim)
        self.goal = nn.Linear(self.manager.hidden_dim, features.dim)
        self.action = nn.Linear(features.dim, action_dim, bias=False)
        self.head = nn.Linear((self.cell.hidden_dim + 1) * action_dim, space.size)

    @property
    def head_bound(self) -> None:
        """None: nothing bounds the products."""
        return None

    def goals(self, features: torch.Tensor) -> torch.Tensor:
        """Return the goals [B, T, F], with the manager's gradient, for features [B, T, F] of the prefixes."""
        outputs, _ = self.manager.scan(features, self.manager.zero_state(len(features)))
        return functional.normalize(self.goal(outputs), dim=-1)

    def outputs(
        self,
        inputs: torch.Tensor,
        labels: torch.Tensor | None,
        noise: torch.Tensor,
        step_noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the head's inputs [B, T, D] under teacher forcing; see `TokenGenerator.outputs`."""
        hidden = super().outputs(inputs, labels, noise)
        with torch.no_grad():
            # The start token goes behind the others, where no prefix before a step of `inputs` has it.
            goals = self.goals(self.features(inputs.roll(-1, dims=1))[:, :-1])
            # The sum of the last c: a running sum less itself c steps before.
            sums = functional.pad(goals.float().cumsum(1), (0, 0, self.horizon, 0))
            recent = sums[:, self.horizon :] - sums[:, : -self.horizon]
        return self._products(hidden, recent.to(goals.dtype))

    def start(self, noise: torch.Tensor, labels: torch.Tensor | None) -> TokenState:
        """Return the state before the first token: of the worker, the features, the manager, and the last c goals."""
        rows, state = len(noise), super().start(noise, labels)
        goals = noise.new_zeros(self.horizon, rows, self.features.dim)
        parts = (state.cell, self.features.cell.zero_state(rows), self.manager.zero_state(rows), (goals,))
        return TokenState(tuple(part for state in parts for part in state), state.context)

    def input_table(self) -> torch.Tensor:
        """Return what free running looks up for every token: the input products of worker and features, and 1.

        The 1 is 0 for the start token, which the discriminator never sees.
        """
        worker, features = super().input_table(), self.features.input_table()
        reads = worker.new_ones(len(worker), 1)
        reads[self.space.start] = 0
        return torch.cat([worker, features, reads], dim=-1)

    def look_up(self, num_tokens: int | None = None) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what gives the row of `input_table` for tokens [B], hard or soft [B, V], however many they are."""
        table = self.input_table()
        return lambda tokens: embed(tokens, table)

    def advance(
        self, looked_up: torch.Tensor, state: TokenState, noise: torch.Tensor
    ) -> tuple[torch.Tensor, TokenState]:
        """Run one step as far as the head's input [B, D]; see `TokenGenerator.step`."""
        about_features = self.features.cell.input_weights()[1].numel()
        for_worker, reads = looked_up[:, : -about_features - 1], looked_up[:, -1:]
        worker, leaked, managing, goals = self._parts(state.cell)
        hidden, own = super().advance(for_worker, TokenState(worker, state.context), noise)
        with torch.no_grad():
            leaked = self.features.step(looked_up[:, -about_features - 1 : -1], leaked, reads)
            output, managing = self.manager.step(leaked[0][0], managing)
            goal = functional.normalize(self.goal(output), dim=-1)
            goals = torch.cat([goals[1:], goal[None]])
        parts = (*own.cell, *leaked, *managing, goals)
        return self._products(hidden, goals.sum(0)), TokenState(parts, state.context)

    def _parts(self, cell: State) -> tuple[State, State, State, torch.Tensor]:
        leaked, managing = len(self.features.cell.zero_state(0)), len(self.manager.zero_state(0))
        worker = len(cell) - leaked - managing - 1
        return cell[:worker], cell[worker : worker + leaked], cell[worker + leaked : -1], cell[-1]

    def _products(self, hidden: torch.Tensor, recent: torch.Tensor) -> torch.Tensor:
        """Return the products [..., (H + 1) k] of the worker's state and 1 with the projected goals."""
        extended = functional.pad(hidden, (0, 1), value=1.0)
        action: torch.Tensor = self.action(recent)
        return (extended[..., None] * action[..., None, :]).flatten(-2)
