from __future__ import annotations

import numpy as np
import pytest
import torch

from seqgan_toolkit.domains.text.oracle import OracleLSTM
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.oracle import OraclePanel
from seqgan_toolkit.sequences import SequenceBatch


def batch_of(tokens: torch.Tensor) -> SequenceBatch:
    return SequenceBatch(tokens, torch.full((len(tokens),), tokens.shape[1]))


@pytest.fixture
def oracle() -> OracleLSTM:
    return OracleLSTM.seeded(2, num_words=30, dim=8)


def test_figures_are_those_of_each_sequence(oracle: OracleLSTM) -> None:
    real = batch_of(oracle.sample(400, 6, Draws(1, "real")))
    tokens = oracle.sample(100, 6, Draws(2, "sample"))
    tokens[1] = tokens[0]
    held_out = torch.linspace(10, 20, 400, dtype=torch.float64)
    measured = OraclePanel(oracle, real).measure(Sample(batch_of(tokens), [""] * 100, held_out))
    nll = -oracle.log_probability(tokens).numpy() / 6
    assert measured["nll_oracle"].value == pytest.approx(nll.mean())
    for percentile in (5, 50, 95):
        value = measured[f"nll_oracle_p{percentile}"].value
        assert value == pytest.approx(np.percentile(nll, percentile))
    assert measured["word_types"].value == len(set(tokens.flatten().tolist()))
    assert measured["distinct"].value == len(set(map(tuple, tokens.tolist()))) / 100 < 1
    assert measured["nll_test"].value == pytest.approx(15 / 6)
    own = -float(oracle.log_probability(real.values).mean()) / 6
    assert f"the oracle itself has {own:.3f}" in measured["nll_test"].note


def test_collapse_games_the_oracle_and_shows_in_the_other_figures(oracle: OracleLSTM) -> None:
    real = batch_of(oracle.sample(400, 6, Draws(1, "real")))
    panel = OraclePanel(oracle, real)
    likeliest = real.values[oracle.log_probability(real.values).argmax()]
    collapsed = panel.measure(Sample(batch_of(likeliest.repeat(400, 1)), [""] * 400))
    honest = panel.measure(Sample(batch_of(oracle.sample(400, 6, Draws(2, "sample"))), [""] * 400))
    assert collapsed["nll_oracle"].value < honest["nll_oracle"].value - 1
    assert collapsed["distinct"].value < 0.01 < honest["distinct"].value
    assert collapsed["word_types"].value < honest["word_types"].value
