import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import RecurrentCell
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling import tokens
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sampling.tokens import BLOCK, TokenSampler, choose, forbid, invert
from seqgan_toolkit.sequences import TokenSpace

LARGEST = 1 - 2**-24


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31), size=st.integers(1, 3 * BLOCK + 2), share=st.sampled_from([0.02, 0.3, 1.0]))
def test_it_finds_what_a_running_sum_over_all_tokens_finds(seed, size, share):
    stream = torch.Generator().manual_seed(seed)
    weights = torch.rand(64, size, generator=stream) * (torch.rand(64, size, generator=stream) < share)
    weights[:, size // 2] += 0.01
    uniform = torch.rand(64, 1, generator=stream)
    found = invert(weights, uniform)
    exact = weights.double().cumsum(-1)
    rows = torch.arange(64)
    # Within the rounding of a level by float32, in whose running sums the exact one may lie.
    level, slack = uniform[:, 0].double() * exact[:, -1], 1e-5 * exact[:, -1]
    assert (exact[rows, found] > level - slack).all()
    assert (exact[rows, found] - weights[rows, found] <= level + slack).all()


@pytest.mark.parametrize("size", [1, 6, BLOCK - 1, BLOCK, BLOCK + 1, 5000])
@pytest.mark.parametrize("level", [0.0, LARGEST])
def test_a_token_without_weight_is_never_drawn(size, level):
    weights = torch.zeros(size, size).fill_diagonal_(1e-3)
    assert invert(weights, torch.full((size, 1), level)).tolist() == list(range(size))


def test_drawn_shares_are_the_probabilities():
    probabilities = torch.rand(200, generator=torch.Generator().manual_seed(1)).softmax(0)
    drawn = choose(probabilities.log().expand(40_000, -1), Draws(1, "test"), 1.0)
    counts = torch.bincount(drawn, minlength=200).double()
    expected = 40_000 * probabilities.double()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    # 199 degrees of freedom: mean 199, standard deviation 20.
    assert chi_square < 199 + 5 * 20


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("size", [50, 400])
def test_the_sampler_draws_what_step_and_choose_draw(monkeypatch, size, temperature):
    monkeypatch.setattr(tokens, "LOGITS_AT_ONCE", 8 * size)
    generator = _generator(size)
    drawn = TokenSampler(generator, 12).sample(None, 20, Draws(3, "test"), Strategy(temperature=temperature))
    draws = Draws(3, "test")
    state = generator.start(generator.draw_noise(draws, 20), None)
    last, table = torch.full((20,), generator.space.start), generator.input_table()
    for step in range(drawn.num_steps):
        logits, state = generator.step(table[last], state, generator.draw_step_noise(draws, 20))
        last = choose(forbid(logits, generator.space), draws, temperature)
        assert torch.equal(drawn.values[:, step], last)


def _generator(size: int) -> TokenGenerator:
    """Make a generator that never ends a sentence."""
    torch.manual_seed(0)
    space = TokenSpace(size)
    generator = TokenGenerator(
        space,
        num_labels=0,
        cell=lambda input_dim: RecurrentCell("lstm", input_dim, 16),
        embedding_dim=8,
        noise_dim=3,
        step_noise_dim=0,
        label_dim=1,
        dropout=0.0,
    )
    generator.requires_grad_(False)
    generator.head.weight.mul_(8)
    generator.head.bias[space.end] = -1e4
    return generator
