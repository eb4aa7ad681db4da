"""Speed of RelGAN's discriminator, in turns with the straightforward one: a `Conv1d` a width and the largest response.

python benchmarks/discriminators.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from timing import in_turns, ratio
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.objectives.losses import LOSSES
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace, length_mask
from seqgan_toolkit.training.critic import Critic
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.optimizers import Descent
from seqgan_toolkit.training.penalty import PenaltySettings

VOCABULARY, STEPS, ROWS = 5000, 20, 64
"""V token types, T tokens a sequence, B sequences, as published."""


class PlainEncoder(MultiRepresentationEncoder):
    """The same layers, all responses at once."""

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return features [B, I, channels x widths] of inputs [B, T, I]."""
        rows, steps, representations = inputs.shape
        single = inputs.transpose(1, 2).flatten(0, 1)[:, None]
        mask = length_mask(lengths, steps).repeat_interleave(representations, dim=0)[:, None]
        found = []
        for bank in self.banks:
            responses = bank(functional.pad(single * mask, (0, bank.weight.shape[-1] - 1))).relu()
            found.append(responses.masked_fill(~mask, float("-inf")).amax(-1))
        features = self.highway(torch.cat(found, dim=-1))
        return self.dropout(features.view(rows, representations, -1))


def make_critic(encoder: type[MultiRepresentationEncoder], *, highway: bool) -> Critic:
    """Make the discriminator's side of the game around an encoder, with the published sizes and the same weights."""
    torch.manual_seed(1)
    sees = encoder(64, widths=(2, 3, 4, 5), channels=300, highway=highway, dropout=0.25)
    head = {"num_labels": 0, "embedding_dim": 64, "dense_dim": 100, "per_step": False, "group_size": 0, "group_dim": 1}
    discriminator = Discriminator(TokenSpace(VOCABULARY), [sees], **head)
    dropout = Draws(1, "dropout", blocks=2)
    use_draws(discriminator, dropout)
    adam = {"lr": 1e-4, "betas": (0.9, 0.99), "weight_decay": 0.0, "clip": 5.0, "decay_from": 1.0, "final_lr": 1.0}
    return Critic(
        discriminator,
        Descent(discriminator, **adam, ranks=Ranks()),
        LOSSES["relativistic_pairing"],
        PenaltySettings(0.0, every=1, backend="exact", sigma=0.1),
        dropout=dropout,
        draws=Draws(1, "critic", blocks=2),
        autocast=False,
    )


def judged(critic: Critic, fake: SequenceBatch) -> Callable[[], torch.Tensor]:
    """Return the discriminator's part in the generator's step: scores, and the gradient of the soft tokens."""

    def work() -> torch.Tensor:
        values = fake.values.detach().requires_grad_(True)
        scores = critic.judge(SequenceBatch(values, fake.lengths)).scores
        scores.mean().backward()
        return scores

    return work


def main() -> None:
    """Print a line for each piece of work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(1)
    lengths = torch.full((ROWS,), STEPS)
    real = SequenceBatch(torch.randint(3, VOCABULARY, (ROWS, STEPS), generator=generator), lengths)
    soft = torch.softmax(3 * torch.randn(ROWS, STEPS, VOCABULARY, generator=generator), -1)
    fake = SequenceBatch(soft, lengths)
    for highway in (False, True):
        plain, ours = (make_critic(encoder, highway=highway) for encoder in (PlainEncoder, MultiRepresentationEncoder))
        torch.testing.assert_close(judged(plain, fake)(), judged(ours, fake)())
        works = {
            "discriminator's step": [lambda critic=critic: critic.learn(real, fake, 0.0) for critic in (plain, ours)],
            "its part in the generator's step": [judged(critic, fake) for critic in (plain, ours)],
        }
        for name, (slow, fast) in works.items():
            slower, faster = in_turns(slow, fast, options.rounds)
            kind = "with a highway layer" if highway else "without a highway layer"
            seconds = f"{min(slower.cpu):.2f} against {min(faster.cpu):.2f} s of CPU time"
            print(f"{name}, {kind}: {ratio(slower, faster)}; {seconds}", flush=True)


if __name__ == "__main__":
    main()
