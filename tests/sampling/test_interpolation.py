from __future__ import annotations

from collections.abc import Callable

import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling.interpolation import InterpolationSampler, on_the_way

Make = Callable[..., FrameGenerator]


def test_the_way_stays_on_the_sphere_in_equal_angles() -> None:
    torch.manual_seed(1)
    first, last = (3 * torch.nn.functional.normalize(torch.randn(4, 6), dim=1) for _ in range(2))
    way = on_the_way(first, last, 5)
    torch.testing.assert_close(way[:, 0], first)
    torch.testing.assert_close(way[:, -1], last)
    torch.testing.assert_close(way.norm(dim=-1), torch.full((4, 5), 3.0))
    cosines = (way[:, 1:] * way[:, :-1]).sum(-1) / 9
    torch.testing.assert_close(cosines, cosines[:, :1].expand(-1, 4))


def test_equal_ends_stay_where_they_are() -> None:
    end = torch.tensor([[2.0, 0.0]])
    torch.testing.assert_close(on_the_way(end, end, 4), end[:, None].expand(-1, 4, -1))
    assert (on_the_way(0 * end, 0 * end, 4) == 0).all()


def test_a_strip_goes_from_one_sequence_to_another(frame_generator: Make) -> None:
    generator = frame_generator(num_labels=2)
    generator.lengths.fit(torch.tensor([2, 3, 4, 5, 6, 6]), None)
    labels = torch.tensor([0, 1]).repeat_interleave(9)
    batch = InterpolationSampler(generator, 9).sample(labels, 18, Draws(1, "x"))
    assert batch.labels is labels
    strips, lengths = batch.values.view(2, 9, -1), batch.lengths.view(2, 9)
    assert torch.equal(lengths, lengths[:, :1].expand(-1, 9))
    moved = (strips[:, 1:] - strips[:, :-1]).norm(dim=-1)
    assert (moved > 0).all()
    # No jump: every step of the way is a small part of it.
    assert (moved.amax(1) < 0.5 * (strips[:, -1] - strips[:, 0]).norm(dim=-1)).all()
    draws = Draws(1, "x")
    first = generator.draw_noise(draws, 2)
    torch.testing.assert_close(strips[:, 0], generator.make(first, torch.tensor([0, 1])).values.flatten(1))
