from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.corpus import CorpusWriter, SequenceStore
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import SequenceBatch, TokenSpace

NUM = 100


@pytest.fixture
def store(tmp_path: Path) -> SequenceStore:
    """Sequence number n starts with the token n + 3, has a length of its own and a label of 0 to 3."""
    with CorpusWriter(tmp_path / "corpus", TokenSpace(NUM + 3)) as writer:
        for number in range(NUM):
            length = 1 + (number * 37) % 23
            writer.add("train", np.array([number + 3] + [2] * (length - 1)), min(number % 5, 3))
        return writer.close(domain={}, label_names=("a", "b", "c", "d")).splits["train"]


def numbers(loader: Loader, batches: int) -> list[int]:
    return [number for _ in range(batches) for number in (loader.next().values[:, 0] - 3).tolist()]


@pytest.mark.parametrize("by_length", [False, True])
def test_every_sequence_comes_once_an_epoch(store: SequenceStore, by_length: bool) -> None:
    loader = Loader(store, 20, Draws(1, "order"), by_length=by_length)
    epochs = [numbers(loader, 5) for _ in range(3)]
    assert all(sorted(epoch) == list(range(NUM)) for epoch in epochs)
    assert epochs[0] != epochs[1]


@pytest.mark.parametrize("by_length", [False, True])
def test_what_is_left_over_is_left_over_at_random(store: SequenceStore, by_length: bool) -> None:
    loader = Loader(store, 30, Draws(1, "order"), by_length=by_length)
    epochs = [numbers(loader, 3) for _ in range(30)]
    assert all(len(set(epoch)) == 90 for epoch in epochs)
    seen = Counter(number for epoch in epochs for number in epoch)
    assert set(seen) == set(range(NUM))
    longest = np.argsort(store.lengths)[-20:]
    share = sum(seen[int(number)] for number in longest) / (20 * 30)
    assert share == pytest.approx(0.9, abs=4 * (0.09 / 600) ** 0.5)


def test_batches_by_length_hold_little_padding(store: SequenceStore) -> None:
    padding = []
    for by_length in (False, True):
        loader = Loader(store, 10, Draws(1, "order"), by_length=by_length)
        batches = [loader.next() for _ in range(10)]
        padding.append(sum(int((~batch.mask).sum()) for batch in batches))
    assert padding[1] < padding[0] / 4
    shortest_first = sorted(batches, key=lambda batch: batch.num_steps)
    assert [batch.num_steps for batch in batches] != [batch.num_steps for batch in shortest_first]


def test_groups_share_a_label(store: SequenceStore) -> None:
    loader = Loader(store, 20, Draws(1, "order"), group_size=4)
    counts = torch.zeros(4)
    for _ in range(200):
        labels = loader.next().labels.view(-1, 4)
        assert (labels == labels[:, :1]).all()
        counts += torch.bincount(labels[:, 0], minlength=4)
    # Labels come as often as in the data: one of five, one of five, one of five, two of five.
    expected = torch.tensor([0.2, 0.2, 0.2, 0.4])
    assert (counts / counts.sum() - expected).abs().max() < 0.01


def test_groups_need_labels(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus", TokenSpace(30)) as writer:
        writer.add_many("train", np.arange(3, 23), [1] * 20)
        plain = writer.close(domain={}).splits["train"]
    loader = Loader(plain, 4, Draws(1, "order"), group_size=4)
    assert sorted(numbers(loader, 5)) == list(range(20))
    assert loader.next().labels is None


@pytest.mark.parametrize("settings", [{}, {"by_length": True}, {"group_size": 4}])
@pytest.mark.parametrize("done", [0, 3, 5, 7])
def test_it_goes_on_where_it_stood(store: SequenceStore, settings: dict[str, int], done: int) -> None:
    loader = Loader(store, 20, Draws(1, "order"), **settings)
    numbers(loader, done)
    state = loader.state_dict()
    expected = numbers(loader, 8)
    other = Loader(store, 20, Draws(7, "other"), **settings)
    numbers(other, 2)
    other.load_state_dict(state)
    assert numbers(other, 8) == expected


@pytest.mark.parametrize("settings", [{}, {"by_length": True}, {"group_size": 4}])
def test_processes_join_to_one(store: SequenceStore, settings: dict[str, int]) -> None:
    one = Loader(store, 24, Draws(1, "order"), **settings)
    many = [Loader(store, 24, Draws(1, "order", rank=rank, world=3), **settings) for rank in range(3)]
    for _ in range(6):
        whole, parts = one.next(), [loader.next() for loader in many]
        for name in ("values", "lengths", "labels"):
            assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))


def test_a_batch_larger_than_the_data(store: SequenceStore) -> None:
    with pytest.raises(UserError, match="a batch of 101 is larger than the 100 training sequences"):
        Loader(store, 101, Draws(1, "order"))
    assert len(Loader(store, 100, Draws(1, "order")).next()) == 100


@pytest.mark.parametrize(("batch_size", "group_size", "world"), [(10, 0, 3), (24, 4, 4), (6, 4, 1)])
def test_a_batch_that_does_not_divide(store: SequenceStore, batch_size: int, group_size: int, world: int) -> None:
    with pytest.raises(UserError, match=f"a batch of {batch_size} does not divide between {world} processes"):
        Loader(store, batch_size, Draws(1, "order", world=world), group_size=group_size)


def test_a_batch_reads_its_own_sequences_alone(store: SequenceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    gather = store.batch

    def counted(indices: np.ndarray) -> SequenceBatch:
        read.append(len(indices))
        return gather(indices)

    monkeypatch.setattr(store, "batch", counted)
    loader = Loader(store, 20, Draws(1, "order"))
    for _ in range(3):
        loader.next()
    assert read == [20, 20, 20]


def test_mixed_groups_take_the_batch_as_it_comes(store: SequenceStore) -> None:
    mixed = Loader(store, 20, Draws(1, "order"), group_size=20, mixed=True)
    plain = Loader(store, 20, Draws(1, "order"))
    assert numbers(mixed, 5) == numbers(plain, 5)
    with pytest.raises(UserError, match="does not divide between 2 processes and its groups"):
        Loader(store, 20, Draws(1, "order", world=2), group_size=20, mixed=True)
