from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.draws import Draws, seed_for

DRAWN = {
    "normal": lambda draws, rows: draws.normal(rows, 3),
    "uniform": lambda draws, rows: draws.uniform(rows, 3),
    "gumbel": lambda draws, rows: draws.gumbel(rows, 3),
    "labels": lambda draws, rows: draws.labels(rows, torch.tensor([0.2, 0.5, 0.3])),
}
ALL = pytest.mark.parametrize("kind", DRAWN)


@ALL
def test_processes_join_to_one(kind: str) -> None:
    whole = DRAWN[kind](Draws(1, "noise"), 12)
    parts = [DRAWN[kind](Draws(1, "noise", rank=rank, world=3), 4) for rank in range(3)]
    assert torch.equal(torch.cat(parts), whole)


@ALL
def test_processes_join_to_one_in_every_block(kind: str) -> None:
    first, second = DRAWN[kind](Draws(1, "noise", blocks=2), 12).split(6)
    parts = [DRAWN[kind](Draws(1, "noise", rank=rank, world=3, blocks=2), 4).split(2) for rank in range(3)]
    assert torch.equal(torch.cat([part[0] for part in parts]), first)
    assert torch.equal(torch.cat([part[1] for part in parts]), second)


@ALL
def test_it_goes_on_where_it_stood(kind: str) -> None:
    draws = Draws(1, "noise")
    DRAWN[kind](draws, 5)
    state = draws.state_dict()
    expected = DRAWN[kind](draws, 5)
    other = Draws(9, "else")
    other.load_state_dict(state)
    assert torch.equal(DRAWN[kind](other, 5), expected)


def test_numbers_for_all_processes_are_the_same() -> None:
    ranks = [Draws(1, "order", rank=rank, world=2) for rank in (0, 1)]
    assert torch.equal(*(draws.uniform_everywhere(9) for draws in ranks))
    assert ranks[0].integer(1000) == ranks[1].integer(1000)


def test_a_fork_is_a_stream_of_its_own() -> None:
    draws = Draws(1, "noise", rank=1, world=2, blocks=2)
    fork, again = draws.fork(), draws.fork()
    assert (fork.rank, fork.world, fork.blocks) == (1, 2, 2)
    before = draws.state_dict()["state"]
    assert not torch.equal(fork.normal(4, 2), again.normal(4, 2))
    assert torch.equal(draws.state_dict()["state"], before)


def test_purposes_and_seeds_have_streams_of_their_own() -> None:
    assert len({seed_for(seed, purpose) for seed in range(50) for purpose in ("a", "b", "1/a")}) == 150


def test_the_global_stream_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    draws = Draws(1, "noise")
    for draw in DRAWN.values():
        draw(draws, 3)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_gumbel_numbers_are_finite_and_gumbel() -> None:
    drawn = Draws(1, "noise").gumbel(1000, 1000)
    assert torch.isfinite(drawn).all()
    assert float(drawn.mean()) == pytest.approx(0.5772, abs=4 * 1.2825e-3)
    assert float(drawn.std()) == pytest.approx(1.2825, rel=0.01)


def test_labels_come_in_their_shares() -> None:
    shares = torch.tensor([0.0, 0.25, 0.75, 0.0], dtype=torch.float64)
    counts = torch.bincount(Draws(1, "labels").labels(40_000, shares), minlength=4) / 40_000
    assert counts[[0, 3]].tolist() == [0, 0]
    assert float(counts[1]) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 40_000) ** 0.5)


def test_blocks_for_a_while() -> None:
    whole = Draws(1, "windows", blocks=2)
    halves = [Draws(1, "windows", blocks=2, rank=rank, world=2) for rank in (0, 1)]
    with whole.in_blocks(1):
        expected = whole.uniform(6)
    found = []
    for half in halves:
        with half.in_blocks(1):
            found.append(half.uniform(3))
        assert half.blocks == 2
    assert torch.equal(torch.cat(found), expected)
