"""What is drawn under a strategy, against every sequence and its probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling import strategies
from seqgan_toolkit.sampling.frames import FrameSampler
from seqgan_toolkit.sampling.strategies import Strategy, keep_top_k, keep_top_p
from seqgan_toolkit.sampling.tokens import TokenSampler

Make = Callable[..., TokenGenerator]
Enumerate = Callable[..., dict[tuple[int, ...], Any]]


def allowed(probabilities: list[float], top_k: int | None, top_p: float) -> list[int]:
    """Say, token by token, which ones a strategy leaves: the definition, without a tensor."""
    ranked = sorted(range(len(probabilities)), key=lambda token: -probabilities[token])[:top_k]
    total, kept, mass = sum(probabilities[token] for token in ranked), [], 0.0
    for token in ranked:
        if mass >= top_p * total:
            break
        kept.append(token)
        mass += probabilities[token]
    return kept


def exact_distribution(
    generator: TokenGenerator, every_sequence: Enumerate, max_length: int, strategy: Strategy
) -> dict[tuple[int, ...], float]:
    """Return the probability of every sequence under a strategy, from the whole sequences' own probabilities."""
    whole = {
        key: float(value.detach()) for key, value in every_sequence(generator, max_length, strategy.temperature).items()
    }
    found = {}
    for sequence in whole:
        probability = 1.0
        for step in range(len(sequence)):
            # A prefix has the probability of all sequences that begin with it.
            after = Counter[int]()
            for other, share in whole.items():
                if len(other) > step and other[:step] == sequence[:step]:
                    after[other[step]] += share
            tokens = sorted(after)
            kept = allowed([after[token] for token in tokens], strategy.top_k, strategy.top_p)
            names = {tokens[index] for index in kept}
            within = sum(after[token] for token in names)
            probability *= after[sequence[step]] / within if sequence[step] in names else 0.0
        found[sequence] = probability
    return found


@pytest.mark.parametrize(
    "strategy",
    [
        Strategy(top_k=2),
        Strategy(top_p=0.7),
        Strategy(temperature=0.6, top_p=0.6),
        Strategy(temperature=1.7, top_k=3, top_p=0.8),
    ],
    ids=str,
)
def test_sequences_come_as_often_as_they_should(
    token_generator: Make, every_sequence: Enumerate, strategy: Strategy
) -> None:
    generator, rows = token_generator(size=6), 20_000
    exact = exact_distribution(generator, every_sequence, 3, strategy)
    assert sum(exact.values()) == pytest.approx(1, abs=1e-5)
    possible = {sequence: probability for sequence, probability in exact.items() if probability}
    assert 1 < len(possible) < len(exact), "the strategy must leave something out for this test to mean anything"
    batch = TokenSampler(generator, 3).sample(None, rows, Draws(1, "tokens"), strategy)
    drawn = Counter(
        tuple(row[:length]) for row, length in zip(batch.values.tolist(), batch.lengths.tolist(), strict=True)
    )
    assert set(drawn) <= set(possible)
    expected = torch.tensor(list(possible.values()), dtype=torch.float64)
    observed = [drawn[sequence] for sequence in possible]
    assert stats.chisquare(observed, (rows * expected / expected.sum()).numpy()).pvalue > 1e-4


@settings(deadline=None, max_examples=60)
@given(
    logits=st.lists(st.integers(-40, 40), min_size=1, max_size=12, unique=True),
    top_k=st.none() | st.integers(1, 14),
    top_p=st.floats(0.01, 1.0),
)
def test_the_filters_keep_what_their_definition_keeps(logits: list[int], top_k: int | None, top_p: float) -> None:
    values = torch.tensor([logits]) / 8.0
    kept = Strategy(top_k=top_k, top_p=top_p).filter(values)[0]
    probabilities = values.double().softmax(-1)[0].tolist()
    # Where the mass reaches the share exactly, rounding decides: such examples say nothing.
    ranked = sorted(probabilities, reverse=True)[:top_k]
    sums = [sum(ranked[:count]) / sum(ranked) for count in range(1, len(ranked))]
    if all(abs(mass - top_p) > 1e-5 for mass in sums):
        assert sorted(kept.isfinite().nonzero()[:, 0].tolist()) == sorted(allowed(probabilities, top_k, top_p))
    assert torch.equal(kept[kept.isfinite()], values[0][kept.isfinite()]), "what stays keeps its logit"


def test_shares_that_many_tokens_make_up(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = torch.randn(30, 50, generator=torch.Generator().manual_seed(1))
    whole = [keep_top_p(logits, share) for share in (0.1, 0.5, 0.97)]
    # Fewer candidates than it takes: all tokens are sorted then.
    monkeypatch.setattr(strategies, "CANDIDATES", 5)
    for before, share in zip(whole, (0.1, 0.5, 0.97), strict=True):
        assert torch.equal(keep_top_p(logits, share), before)


def test_a_filter_on_its_edges() -> None:
    halves = torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log()
    for share, count in ((1e-6, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (1.0, 4)):
        assert int(keep_top_p(halves, share).isfinite().sum()) == count
    assert keep_top_k(halves, 9) is halves
    assert int(keep_top_k(torch.zeros(1, 5), 2).isfinite().sum()) == 2, "equal logits do not make it keep more"


@pytest.mark.parametrize(
    "strategy", [Strategy(top_k=1), Strategy(top_p=1e-6), Strategy(temperature=0, top_k=3)], ids=str
)
def test_one_token_left_is_the_greedy_choice(token_generator: Make, strategy: Strategy) -> None:
    sampler = TokenSampler(token_generator(size=40, scale=3.0, noise_dim=3), 8)
    greedy, same = (sampler.sample(None, 100, Draws(1, "tokens"), how) for how in (Strategy(0), strategy))
    assert torch.equal(greedy.values, same.values)
    assert len(greedy.values.unique(dim=0)) > 5


def test_a_filter_that_keeps_all_draws_the_plain_distribution(token_generator: Make) -> None:
    sampler = TokenSampler(token_generator(size=200), 6)
    plain, all_kept = (sampler.sample(None, 300, Draws(1, "tokens"), how) for how in (Strategy(), Strategy(top_k=200)))
    assert plain.values.shape == all_kept.values.shape
    assert (plain.values != all_kept.values).any(1).float().mean() < 0.01, "but for levels on the border of two tokens"


def test_fewer_tokens_with_a_smaller_share(token_generator: Make) -> None:
    sampler = TokenSampler(token_generator(size=60), 10)
    types = [
        len(sampler.sample(None, 200, Draws(1, "tokens"), Strategy(top_p=share)).values.unique())
        for share in (0.2, 0.6, 0.95, 1.0)
    ]
    assert all(fewer < more for fewer, more in pairwise(types))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": -0.1}, r"--temperature must be 0 \(the most likely\) or more, found -0.1"),
        ({"temperature": float("nan")}, "--temperature must be 0"),
        ({"temperature": float("inf")}, "--temperature must be 0"),
        ({"top_k": 0}, "--top-k must be at least 1"),
        ({"top_p": 0.0}, "--top-p must be above 0 and at most 1"),
        ({"top_p": 1.01}, "--top-p must be above 0 and at most 1"),
        ({"top_p": float("nan")}, "--top-p must be above 0 and at most 1"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Strategy(**values)


def test_frames_know_no_filter(frame_generator: Callable[..., Any]) -> None:
    with pytest.raises(UserError, match="this model makes frames: use --temperature"):
        FrameSampler(frame_generator()).sample(None, 2, Draws(1, "noise"), Strategy(top_k=3))
