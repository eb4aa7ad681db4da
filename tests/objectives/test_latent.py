from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.objectives.latent import moment_distance, next_step_error, root, squared_error
from seqgan_toolkit.sequences import length_mask

MASK = length_mask(torch.tensor([3, 1, 2]), 3)


def latents(seed: int, rows: int = 3) -> torch.Tensor:
    return torch.rand(rows, 3, 2, generator=torch.Generator().manual_seed(seed))


def test_the_squared_error_is_the_mean_over_sequences_of_that_of_their_steps() -> None:
    made, wanted = latents(1), latents(2)
    each = [(made[row, :steps] - wanted[row, :steps]).square().mean() for row, steps in enumerate((3, 1, 2))]
    torch.testing.assert_close(squared_error(made, wanted, MASK), torch.stack(each).mean())


def test_the_next_step_is_compared_with_the_one_that_follows() -> None:
    values, predicted = latents(1), latents(2)
    first = (predicted[0, :2] - values[0, 1:3]).square().mean()
    last = (predicted[2, :1] - values[2, 1:2]).square().mean()
    # The second sequence has a single step, which nothing follows.
    torch.testing.assert_close(next_step_error(predicted, values, MASK), (first + last) / 3)
    assert next_step_error(values.roll(-1, dims=1), values, MASK) == 0


def test_equal_sets_in_another_order_have_equal_moments() -> None:
    frames = latents(1, 50)
    everywhere = torch.ones(50, 3, dtype=torch.bool)
    assert float(moment_distance(frames.flip(0), frames, everywhere)) == pytest.approx(0, abs=1e-6)


def test_the_moments_of_what_is_scaled_and_moved() -> None:
    frames = latents(1, 50)
    everywhere = torch.ones(50, 3, dtype=torch.bool)
    mean, std = frames.mean(0), frames.std(0, correction=0)
    expected = (2 * mean + 0.5 - mean).abs().mean() + std.mean()
    torch.testing.assert_close(moment_distance(2 * frames + 0.5, frames, everywhere), expected)


def test_padding_has_no_moments() -> None:
    made, real = latents(1), latents(2)
    wide_mask = torch.nn.functional.pad(MASK, (0, 2))
    expected = moment_distance(made, real, MASK)
    wide = [torch.nn.functional.pad(frames, (0, 0, 0, 2), value=9.0) for frames in (made, real)]
    wide[0][1, 1:] = 5.0
    torch.testing.assert_close(moment_distance(wide[0], wide[1], wide_mask), expected)


def test_a_root_has_a_gradient_at_zero() -> None:
    zero = torch.zeros(1, requires_grad=True)
    root(zero).sum().backward()
    assert zero.grad is not None
    assert zero.grad.isfinite().all()
