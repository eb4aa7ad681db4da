"""The grammar's residual model whose discriminator reads backward, on a tiny model."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.recipe.loading import load_recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import load_model

EXAMPLE = Path(__file__).parents[2] / "egs" / "grammar"
TINY = {
    "device": "cpu",
    "generator.hidden_dim": 24,
    "generator.dropout": 0.1,
    "teacher_forcing.steps": 150,
    "ema": 0.95,
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """`backward.py`, which finds `compare.py` beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLE)
        spec = importlib.util.spec_from_file_location("backward", EXAMPLE / "backward.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, "backward", module)
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model of 400 sentences, and one of the same sentences from their end."""
    folder = tmp_path_factory.mktemp("grammar")
    conf, forward, backward = EXAMPLE / "conf" / "mle_small.yaml", folder / "forward", folder / "backward"
    stages.train(load_recipe(conf, {**TINY, "data.num_sentences": 400}), forward)
    script.main(["write", str(forward), "--out", str(folder / "reversed")])
    source = {"data.source": str(folder / "reversed"), "data.num_sentences": 20_000}
    stages.train(load_recipe(conf, {**TINY, **source}), backward)
    return forward, backward


def test_a_sentence_is_read_from_its_end(script: ModuleType, runs: tuple[Path, Path]) -> None:
    forward, backward = (load_model(RunDirectory(run), None) for run in runs)
    places = {word: index for index, word in enumerate(script.tokens_of(backward))}
    ids = torch.tensor([places.get(word, places["<unk>"]) for word in script.tokens_of(forward)])
    ratio = script.LogRatio(backward.generator, ids, script.Calibration(1.0, 0.0)).eval()
    test, turned = (Corpus(run / "corpus").splits["test"] for run in runs)
    expected = -held_out_nll(backward.generator, turned, Draws(0, "noise"))
    found = script.Read.by(forward, test.head(len(test)))
    torch.testing.assert_close(found.ratios(ratio).detach() + found.log_forward, expected, rtol=1e-5, atol=1e-4)


def test_both_directions_know_more_than_one(
    script: ModuleType, runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["--steps", "10", "--batch-size", "32", "--calibrate-every", "5", "--calibration-samples", "1000"]
    few += ["--num", "200", "--partition-samples", "2000", "--split", "test"]
    script.main(["tilt", *map(str, runs), *few])
    table = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    rows = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[2:]}
    assert list(rows) == ["forward", "product", "fine-tuned"]
    divergence = {name: float(row["kl_from_grammar"].split()[0]) for name, row in rows.items()}
    gain, error = map(float, rows["product"]["gain over g"].split(" ± "))
    assert divergence["forward"] - divergence["product"] == pytest.approx(gain, abs=2e-4)
    assert gain > 3 * error
