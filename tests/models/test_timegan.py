from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.timegan import TimeGANGenerator
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch

Make = Callable[..., TimeGANGenerator]
LENGTHS = torch.tensor([1, 2, 3, 4, 5, 6])


@pytest.fixture
def timegan_generator() -> Make:
    """Make TimeGAN's networks, whose weights are large enough for what they read to matter."""

    def make(**settings: Any) -> TimeGANGenerator:
        torch.manual_seed(5)
        cells = {"cell": cell_maker("gru", hidden_dim=5), "supervisor_cell": cell_maker("gru", hidden_dim=5)}
        sizes = {"num_labels": 0, "max_length": 6, "latent_dim": 4, "noise_dim": 2, "label_dim": 3}
        generator = TimeGANGenerator(FrameSpace(3, low=-1.0, high=2.0), **{**cells, **sizes, **settings})
        generator.lengths.fit(LENGTHS, None)
        generator.eval().requires_grad_(False)
        for parameter in generator.parameters():
            parameter.mul_(3)
        return generator

    return make


def test_frames_lie_in_the_space_and_padding_behind_the_length(timegan_generator: Make) -> None:
    batch = timegan_generator()(None, 64, Draws(1, "noise"))
    assert batch.values.shape == (64, 6, 3)
    assert set(batch.lengths.tolist()) == {1, 2, 3, 4, 5, 6}
    assert (batch.values[~batch.mask] == -1).all()
    inside = batch.values[batch.mask]
    assert ((inside > -1) & (inside < 2)).all()
    assert float(inside.max() - inside.min()) > 1, "the recovery's range is that of the space"


def test_frames_do_not_depend_on_other_rows(timegan_generator: Make) -> None:
    generator = timegan_generator(num_labels=3)
    labels = torch.tensor([0, 1, 2, 0])
    whole = generator(labels, 4, Draws(1, "noise"))
    halves = [generator(labels[2 * rank :][:2], 2, Draws(1, "noise", rank=rank, world=2)) for rank in (0, 1)]
    torch.testing.assert_close(torch.cat([half.values for half in halves]), whole.values)


def test_scale_zero_takes_the_middle_of_the_noise(timegan_generator: Make) -> None:
    alike = timegan_generator().draw_latents(None, 8, 6, Draws(1, "noise"), 0.0)
    torch.testing.assert_close(alike, alike[:1].expand_as(alike))
    drawn = timegan_generator().draw_latents(None, 8, 6, Draws(1, "noise"))
    assert not torch.allclose(drawn, drawn[:1].expand_as(drawn))


def test_every_network_reads_the_label(timegan_generator: Make) -> None:
    generator = timegan_generator(num_labels=2)
    zeros, ones = torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)
    for network in (generator.embedder, generator.recovery, generator.generator, generator.supervisor):
        steps = torch.rand(4, 6, network.cell.network.input_size - 3)
        assert not torch.allclose(network(steps, zeros), network(steps, ones))


def test_latents_of_a_sequence_do_not_depend_on_its_padding(timegan_generator: Make) -> None:
    generator, frames = timegan_generator(), torch.rand(4, 6, 3)
    lengths = torch.tensor([2, 3, 4, 5])
    inside = torch.arange(6) < lengths[:, None]
    padded = SequenceBatch(torch.where(inside[..., None], frames, -1.0), lengths)
    found, expected = generator.embed(padded), generator.embed(SequenceBatch(frames, lengths))
    torch.testing.assert_close(found[inside], expected[inside])
