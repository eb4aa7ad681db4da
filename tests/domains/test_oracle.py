"""The oracle is what it says: likelihoods and samples against a reference written step by step, and enumeration."""

from __future__ import annotations

import os
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.domains.text.oracle import OracleLSTM
from seqgan_toolkit.domains.text.oracle_corpus import oracle_of, prepare_oracle
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import NO_END

PUBLISHED = Path(os.environ.get("SEQGAN_DATA", "")) / "seqgan_oracle" / "oracle_lstm.npz"


@pytest.fixture
def tiny() -> OracleLSTM:
    return OracleLSTM.seeded(4, num_words=5, dim=3)


def step_by_step(oracle: OracleLSTM, tokens: list[int]) -> float:
    """Return the log-probability of one sequence as the published description reads, in float64."""
    p = {name: array.astype(np.float64) for name, array in oracle.arrays.items()}
    hidden = memory = np.zeros(oracle.dim)
    word, total = 0, 0.0
    for target in tokens:
        x = p["embedding"][word]
        raw = {gate: x @ p[f"w_{gate}"] + hidden @ p[f"u_{gate}"] + p[f"b_{gate}"] for gate in "ifoc"}
        i, f, o = (1 / (1 + np.exp(-raw[gate])) for gate in "ifo")
        memory = f * memory + i * np.tanh(raw["c"])
        hidden = o * np.tanh(memory)
        logits = hidden @ p["v"] + p["b_v"]
        total += logits[target] - np.log(np.exp(logits).sum())
        word = target
    return float(total)


def test_likelihood_equals_the_reference_step_by_step() -> None:
    oracle = OracleLSTM.seeded(1, num_words=40, dim=8)
    tokens = torch.from_numpy(np.random.default_rng(0).integers(40, size=(7, 6)))
    expected = [step_by_step(oracle, row) for row in tokens.tolist()]
    np.testing.assert_allclose(oracle.log_probability(tokens).numpy(), expected, rtol=1e-5)


def test_sequences_come_as_often_as_their_probability_says(tiny: OracleLSTM) -> None:
    every = torch.tensor(list(product(range(5), repeat=3)))
    probabilities = tiny.log_probability(every).exp().numpy()
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    counts = Counter(map(tuple, tiny.sample(30_000, 3, Draws(1, "sample")).tolist()))
    observed = [counts[tuple(row)] for row in every.tolist()]
    likely = probabilities > 5 / 30_000
    rest = 30_000 - sum(count for count, kept in zip(observed, likely, strict=True) if kept)
    expected = np.append(probabilities[likely], probabilities[~likely].sum())
    test = stats.chisquare(np.append(np.array(observed)[likely], rest), 30_000 * expected / expected.sum())
    assert test.pvalue > 1e-4


def test_the_file_gives_the_same_oracle(tiny: OracleLSTM, tmp_path: Path) -> None:
    tiny.save(tmp_path / "oracle.npz")
    read = OracleLSTM.load(tmp_path / "oracle.npz")
    assert all(np.array_equal(read.arrays[name], array) for name, array in tiny.arrays.items())


def test_the_same_corpus_from_the_same_seed(tiny: OracleLSTM, tmp_path: Path) -> None:
    first, again, other = (
        prepare_oracle(tiny, tmp_path / name, num_sentences=30, length=4, seed=seed)
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    tokens = [corpus.splits["train"].head(30).values for corpus in (first, again, other)]
    assert torch.equal(tokens[0], tokens[1])
    assert not torch.equal(tokens[0], tokens[2])
    assert not torch.equal(tokens[0], first.splits["test"].head(30).values)
    assert [len(store) for store in first.splits.values()] == [30, 15, 30]


def test_a_corpus_holds_words_alone_and_its_truth(tiny: OracleLSTM, tmp_path: Path) -> None:
    prepare_oracle(tiny, tmp_path / "corpus", num_sentences=30, length=4, seed=0)
    corpus = Corpus(tmp_path / "corpus")
    assert (corpus.space.size, corpus.space.end, corpus.space.never_drawn) == (5, NO_END, ())
    batch = corpus.splits["train"].head(30)
    assert batch.lengths.tolist() == [4] * 30
    assert batch.values.unique().tolist() == [0, 1, 2, 3, 4]
    domain = TextDomain.from_state(corpus.domain_state)
    assert domain.space == corpus.space
    sentences = domain.decode(batch)
    assert sentences[0] == " ".join(map(str, batch.values[0].tolist()))
    assert domain.encode(sentences[0]) == batch.values[0].tolist()
    oracle = oracle_of(corpus)
    assert oracle is not None
    assert np.array_equal(oracle.arrays["v"], tiny.arrays["v"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"u_o": None}, "there is no array u_o"),
        ({"b_v": np.zeros(4, np.float32)}, r"b_v has the shape \(4,\), expected \(5,\)"),
        ({"embedding": np.zeros(4, np.float32)}, "embedding has the shape"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    tiny: OracleLSTM, tmp_path: Path, change: dict[str, np.ndarray | None], message: str
) -> None:
    arrays = {name: array for name, array in {**tiny.arrays, **change}.items() if array is not None}
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(UserError, match=message):
        OracleLSTM.load(tmp_path / "bad.npz")


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        OracleLSTM.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive", encoding="utf-8")
    with pytest.raises(UserError, match="not the parameters of an oracle"):
        OracleLSTM.load(tmp_path / "text.npz")


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="seqgan_oracle/oracle_lstm.npz is not in SEQGAN_DATA")
def test_the_published_oracle_scores_itself_as_published() -> None:
    oracle = OracleLSTM.load(PUBLISHED)
    own = -oracle.log_probability(oracle.sample(2000, 20, Draws(1, "own"))) / 20
    # The standard error of 2,000 sequences is .012.
    assert float(own.mean()) == pytest.approx(5.75, abs=0.05)
    noise = torch.from_numpy(np.random.default_rng(0).integers(5000, size=(1000, 20)))
    assert float(-oracle.log_probability(noise).mean()) / 20 == pytest.approx(11.44, abs=0.05)
