from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.encoders import Encoder, PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.parts import use_draws
from seqgan_toolkit.models.random_window import RandomWindow, WindowStart
from seqgan_toolkit.sequences import length_mask

ENCODERS: dict[str, Callable[[], Encoder]] = {
    "recurrent": lambda: RecurrentEncoder(6, cell="gru", hidden_dim=5),
    "patches": lambda: PatchEncoder(6, max_length=4, channels=(3, 4), dense_dim=5),
}
LENGTHS = torch.tensor([9, 1, 4, 7, 2])


def window(name: str) -> RandomWindow:
    torch.manual_seed(2)
    encoder = RandomWindow(ENCODERS[name](), 4)
    use_draws(encoder, Draws(1, "dropout"))
    return encoder


class Echo(Encoder):
    """Shows what it is given."""

    features_dim = 4

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return (inputs[..., 0] * length_mask(lengths, inputs.shape[1])).float()


def numbered(lengths: torch.Tensor, steps: int = 9) -> torch.Tensor:
    return torch.arange(1, steps + 1.0).expand(len(lengths), -1)[..., None]


@pytest.mark.parametrize("name", ENCODERS)
def test_padding_does_not_matter(name: str) -> None:
    inputs = torch.randn(5, 9, 6)
    expected = window(name)(inputs, LENGTHS)
    other = torch.where(length_mask(LENGTHS, 9)[..., None], inputs, 100.0)
    torch.testing.assert_close(window(name)(functional.pad(other, (0, 0, 0, 3), value=-7.0), LENGTHS), expected)


def test_a_window_is_a_run_of_steps_inside_the_length() -> None:
    encoder, seen = RandomWindow(Echo(), 4), set()
    use_draws(encoder, Draws(1, "dropout"))
    for _ in range(40):
        for row, length in zip(encoder(numbered(LENGTHS), LENGTHS).tolist(), LENGTHS.tolist(), strict=True):
            steps = [step for step in row if step]
            assert len(steps) == min(length, 4)
            assert all(second == first + 1 for first, second in pairwise(steps))
            assert steps[-1] <= length
            if length == 9:
                seen.add(steps[0])
    assert seen == {1, 2, 3, 4, 5, 6}


def test_every_start_is_as_likely() -> None:
    start = WindowStart()
    use_draws(start, Draws(1, "dropout"))
    counts = start(torch.full((6000,), 5)).bincount(minlength=6)
    assert len(counts) == 6
    assert (counts - 1000).abs().max() < 5 * (6000 * 1 / 6 * 5 / 6) ** 0.5


def test_the_window_stands_in_the_middle_in_evaluation() -> None:
    encoder = RandomWindow(Echo(), 4).eval()
    expected = [[3, 4, 5, 6], [1, 0, 0, 0], [1, 2, 3, 4], [2, 3, 4, 5], [1, 2, 0, 0]]
    assert encoder(numbered(LENGTHS), LENGTHS).tolist() == expected


@pytest.mark.parametrize("name", ENCODERS)
def test_it_learns_what_short_parts_look_like(name: str) -> None:
    # Neighbours of one sign against neighbours of opposite signs: any window tells, no single step does.
    encoder, generator = window(name), torch.Generator().manual_seed(1)
    head = torch.nn.Linear(encoder.features_dim, 1)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-2)
    signs = torch.tensor([1.0, -1.0]).repeat(5)[:9, None]
    for _ in range(100):
        smooth = torch.randn(16, 1, 6, generator=generator) + 0.1 * torch.randn(16, 9, 6, generator=generator)
        inputs, wanted = torch.cat([smooth, smooth * signs]), torch.cat([torch.ones(16), -torch.ones(16)])
        scores = head(encoder(inputs, torch.full((32,), 9)))[:, 0]
        optimizer.zero_grad()
        functional.softplus(-scores * wanted).mean().backward()
        optimizer.step()
    assert (scores.sign() == wanted).float().mean() > 0.9
