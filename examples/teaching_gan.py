"""A recurrent GAN in one file: handwritten digits, made row by row. It needs torch, and scikit-learn for the data.

    python examples/teaching_gan.py                  # an LSTM generates, a GRU judges
    python examples/teaching_gan.py --cell rnn       # Elman's network generates; lstm and gru are the others

An image of 8 x 8 pixels is a sequence of T = 8 steps; a step is a row of F = 8 values in [-1, 1]. Two networks play:

- the generator turns noise and a label ("make a 3") into a sequence, and never sees a real image;
- the discriminator reads a sequence and its label and gives a score, the higher the more real it seems.

They take turns. The discriminator learns to score real above generated; the generator learns to close that gap, along
the gradient that flows through the discriminator, back through the rows and through time into its own weights.

Legend: B sequences in a batch, T steps, F values in a row, H hidden units, Z noise dimensions.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

NUM_ROWS, ROW_DIM, NUM_LABELS = 8, 8, 10
NOISE_DIM = 32
State = tuple[torch.Tensor, ...]

# -------------------------------------------------------------------------------------------------------- 1. the cells
# A recurrent cell reads one step and what it remembers, and gives an output and what it remembers next. All three
# below read the input x and the last output h through a matrix each; they differ in what they do with the result.


class ElmanCell(nn.Module):
    """The simple recurrent network: h' = tanh(W x + U h + b) (Elman 1990).

    The whole memory is written anew at every step: a gradient through many steps is multiplied by U many times, and
    dies out or blows up. Eight rows are short enough to get away with it.
    """

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(input_dim, hidden_dim)
        self.from_state = nn.Linear(hidden_dim, hidden_dim)

    def first_state(self, rows: int) -> State:
        """Return an empty memory for `rows` sequences."""
        return (self.from_state.weight.new_zeros(rows, self.from_state.in_features),)

    def forward(self, x: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Read one step x [B, I]; return the output [B, H] and the new state."""
        h = torch.tanh(self.from_input(x) + self.from_state(state[0]))
        return h, (h,)


class LSTMCell(nn.Module):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; the forget gate is Gers et al. 2000).

    Beside h it keeps a memory c that is only scaled and added to. Along c the gradient is multiplied by the forget
    gate alone, which can stay near 1: that is the road on which it travels far.
    """

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(input_dim, 4 * hidden_dim)
        self.from_state = nn.Linear(hidden_dim, 4 * hidden_dim)

    def first_state(self, rows: int) -> State:
        """Return an empty memory for `rows` sequences: h and c."""
        zeros = self.from_state.weight.new_zeros(rows, self.from_state.in_features)
        return zeros, zeros

    def forward(self, x: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Read one step x [B, I]; return the output [B, H] and the new state."""
        h, c = state
        entry, forget, candidate, output = (self.from_input(x) + self.from_state(h)).chunk(4, dim=-1)
        c = forget.sigmoid() * c + entry.sigmoid() * candidate.tanh()  # keep some of the old, take some of the new
        h = output.sigmoid() * c.tanh()  # show some of it
        return h, (h, c)


class GRUCell(nn.Module):
    """The gated recurrent unit (Cho et al. 2014): the LSTM's idea with one memory and two gates."""

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(input_dim, 3 * hidden_dim)
        self.from_state = nn.Linear(hidden_dim, 3 * hidden_dim)

    def first_state(self, rows: int) -> State:
        """Return an empty memory for `rows` sequences."""
        return (self.from_state.weight.new_zeros(rows, self.from_state.in_features),)

    def forward(self, x: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Read one step x [B, I]; return the output [B, H] and the new state."""
        (h,) = state
        reset_x, update_x, candidate_x = self.from_input(x).chunk(3, dim=-1)
        reset_h, update_h, candidate_h = self.from_state(h).chunk(3, dim=-1)
        update = (update_x + update_h).sigmoid()
        candidate = torch.tanh(candidate_x + (reset_x + reset_h).sigmoid() * candidate_h)
        h = update * h + (1 - update) * candidate
        return h, (h,)


CELLS = {"rnn": ElmanCell, "lstm": LSTMCell, "gru": GRUCell}


def unroll(cell: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Run a cell over inputs [B, T, I], one step after the other; return its outputs [B, T, H]."""
    state, outputs = cell.first_state(len(inputs)), []
    for x in inputs.unbind(dim=1):
        output, state = cell(x, state)
        outputs.append(output)
    return torch.stack(outputs, dim=1)


# ------------------------------------------------------------------------------------------------- 2. the two networks


class Generator(nn.Module):
    """Noise and a label in, a sequence of rows out.

    No row is fed back: the cell is told the noise, the label and the number of the row at every step, and its memory
    keeps the rows of one image in agreement. (The other way, each row made from the last one, is how language models
    work; it has to be taught on real prefixes first, since its first mistakes lead it away from everything it knows.)
    """

    def __init__(self, cell: str, hidden_dim: int = 96, label_dim: int = 16) -> None:
        super().__init__()
        self.label = nn.Embedding(NUM_LABELS, label_dim)
        self.cell = CELLS[cell](NOISE_DIM + label_dim + NUM_ROWS, hidden_dim)
        self.head = nn.Linear(hidden_dim, ROW_DIM)

    def forward(self, noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return rows [B, T, F] in [-1, 1] for noise [B, Z] and labels [B]."""
        told = torch.cat([noise, self.label(labels)], dim=-1)
        told = told[:, None].expand(-1, NUM_ROWS, -1)  # the same at every step ...
        row_number = torch.eye(NUM_ROWS).expand(len(noise), -1, -1)  # ... but for this
        outputs = unroll(self.cell, torch.cat([told, row_number], dim=-1))
        return torch.tanh(self.head(outputs))


class Discriminator(nn.Module):
    """A sequence and its label in, a score out."""

    def __init__(self, cell: str = "gru", hidden_dim: int = 96, dense_dim: int = 64) -> None:
        super().__init__()
        self.cell = CELLS[cell](ROW_DIM, hidden_dim)
        self.dense = nn.Linear(2 * hidden_dim, dense_dim)
        # Only differences of scores will count, so that a constant would cancel.
        self.score = nn.Linear(dense_dim, 1, bias=False)
        self.label = nn.Embedding(NUM_LABELS, dense_dim)

    def forward(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return scores [B], higher for real, of rows [B, T, F] under labels [B]."""
        outputs = unroll(self.cell, rows)
        seen = torch.cat([outputs.mean(dim=1), outputs[:, -1]], dim=-1)  # a glance at all rows, and the last impression
        features = functional.leaky_relu(self.dense(seen), 0.2)
        # "Is it real?" and "is it a real 3?": the label asks by an inner product (Miyato and Koyama 2018).
        return self.score(features)[:, 0] + (features * self.label(labels)).sum(dim=-1)


# ------------------------------------------------------------------------------------------------------- 3. the losses
# Real sequence number b and generated sequence number b have the same label: they are a pair. What counts is by how
# much the real one is ahead (Jolicoeur-Martineau 2018; Huang et al. 2024). softplus(-x) is large where x is negative
# and goes to 0 as x grows: both players' losses are the same function, with the two sides exchanged.


def discriminator_loss(real_scores: torch.Tensor, fake_scores: torch.Tensor) -> torch.Tensor:
    """Be small when every real score [B] is above its generated one [B]."""
    return functional.softplus(-(real_scores - fake_scores)).mean()


def generator_loss(real_scores: torch.Tensor, fake_scores: torch.Tensor) -> torch.Tensor:
    """Be small when every generated score [B] is above its real one [B]."""
    return functional.softplus(-(fake_scores - real_scores)).mean()


def gradient_penalty(judge: Discriminator, rows: torch.Tensor, labels: torch.Tensor, gamma: float) -> torch.Tensor:
    """Return gamma / 2 times the mean squared length of the score's gradient (Mescheder et al. 2018).

    A discriminator may not be steep around what it is shown. Without this the two circle around each other for ever:
    the generator runs down the slope, overshoots, and the slope turns round. On real rows it is called R1, on
    generated ones R2.
    """
    rows = rows.detach().requires_grad_(True)
    # create_graph: the gradient is part of a loss, so that it has to be differentiable itself.
    (slope,) = torch.autograd.grad(judge(rows, labels).sum(), rows, create_graph=True)
    return gamma / 2 * slope.square().sum(dim=(1, 2)).mean()


# -------------------------------------------------------------------------------------------- 4. one round of the game


def play_round(
    generator: Generator,
    discriminator: Discriminator,
    generator_optimizer: torch.optim.Optimizer,
    discriminator_optimizer: torch.optim.Optimizer,
    real: torch.Tensor,
    labels: torch.Tensor,
    noise: torch.Tensor,
    *,
    gamma: float,
) -> tuple[float, float]:
    """Let the discriminator take one step, then the generator; return their losses.

    Args:
        generator: the one that makes.
        discriminator: the one that judges.
        generator_optimizer: of the generator's weights alone.
        discriminator_optimizer: of the discriminator's weights alone.
        real: rows [B, T, F].
        labels: [B], of the real rows and to be made.
        noise: [B, Z].
        gamma: strength of the gradient penalty in this round; 0 leaves it out.
    """
    fake = generator(noise, labels)

    # The discriminator's turn. detach() cuts the graph: its loss is not the generator's business.
    real_scores = discriminator(real, labels)
    loss_d = discriminator_loss(real_scores, discriminator(fake.detach(), labels))
    total = loss_d
    if gamma:
        total = total + sum(gradient_penalty(discriminator, rows, labels, gamma) for rows in (real, fake))
    discriminator_optimizer.zero_grad()
    total.backward()
    discriminator_optimizer.step()

    # The generator's turn: the same sequences, the discriminator as it is now. The gradient passes through the
    # discriminator's weights without changing them: only the generator's optimiser takes a step.
    loss_g = generator_loss(real_scores.detach(), discriminator(fake, labels))
    generator_optimizer.zero_grad()
    loss_g.backward()
    generator_optimizer.step()
    return loss_d.item(), loss_g.item()


# --------------------------------------------------------------------------------------------------------- 5. the loop


def load_digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Return scikit-learn's 1,797 digits as rows float [N, 8, 8] in [-1, 1], and their labels int64 [N]."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return torch.tensor(images, dtype=torch.float32).view(-1, NUM_ROWS, ROW_DIM) / 8 - 1, torch.tensor(labels)


def train(cell: str, steps: int, *, batch_size: int = 64, gamma: float = 1.0, every: int = 4) -> Generator:
    """Play `steps` rounds and return the moving average of the generator."""
    torch.manual_seed(1)
    images, classes = load_digits()
    generator, discriminator = Generator(cell), Discriminator()
    # No momentum (the first beta is 0): the other player moves the goal, and yesterday's direction misleads.
    optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.0, 0.99)) for net in (generator, discriminator)]
    # The generator wobbles about; the average over its last few hundred steps is better than any one of them.
    average = copy.deepcopy(generator)
    for step in range(1, steps + 1):
        chosen = torch.randint(len(images), (batch_size,))
        noise = torch.randn(batch_size, NOISE_DIM)
        # The penalty is dear, so it comes every few rounds, with as many times the strength.
        strength = gamma * every if step % every == 1 else 0.0
        real, labels = images[chosen], classes[chosen]
        losses = play_round(generator, discriminator, *optimizers, real, labels, noise, gamma=strength)
        with torch.no_grad():
            decay = min(0.998, step / (step + 9))
            for mean, weight in zip(average.parameters(), generator.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
        if step % 200 == 0 or step == steps:
            # Both losses are ln 2 = 0.69 when no one can tell; the generator's above the other's means it is behind.
            print(f"round {step:5d}   discriminator {losses[0]:.3f}   generator {losses[1]:.3f}")
    return average


@torch.no_grad()
def show(generator: Generator) -> None:
    """Print a generated digit of each label, in characters from dark to bright."""
    images = generator(torch.randn(NUM_LABELS, NOISE_DIM), torch.arange(NUM_LABELS))
    shades = " .:-=+*#%@"
    for first in (0, 5):
        for row in range(NUM_ROWS):
            pixels = ((images[first : first + 5, row] + 1) / 2 * (len(shades) - 1)).round().int().tolist()
            print("    ".join("".join(2 * shades[value] for value in line) for line in pixels).rstrip())
        print()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and show what the generator makes."""
    parser = argparse.ArgumentParser(description="A recurrent GAN in one file.")
    parser.add_argument("--cell", choices=sorted(CELLS), default="lstm", help="of the generator")
    parser.add_argument("--steps", type=int, default=1500, help="rounds of the game")
    chosen = parser.parse_args(arguments)
    show(train(chosen.cell, chosen.steps))


if __name__ == "__main__":
    main()
