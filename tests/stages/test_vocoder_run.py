"""A vocoder is trained, copies held-out clips, is measured, and travels with the runs that decode with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from seqgan_toolkit import api, stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.training.checkpoints import load

MakeRecipe = Callable[..., Recipe]

GENERATES = (
    "vocoder=null",
    "generator={kind: frames, hidden_dim: 8, noise_dim: 4, context_dim: 4, head_dim: 8}",
    "discriminator={encoders: [{kind: recurrent, hidden_dim: 4}], dense_dim: 4}",
    "adversarial={steps: 1, batch_size: 4, estimator: {kind: pathwise}}",
)


@pytest.fixture(scope="module")
def vocoder_run(tiny_vocoder: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the tiny vocoder."""
    out = tmp_path_factory.mktemp("vocoder") / "run"
    stages.train(tiny_vocoder("logging.preview_every=2"), out)
    return out


def generated(run: Path, **wanted: Any) -> list[Any]:
    return list(stages.sample(run, Wanted(num=3, **wanted)))


def alike(some: list[Any], others: list[Any]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


def test_it_copies_held_out_clips_of_the_label_that_is_wanted(vocoder_run: Path, tmp_path: Path) -> None:
    assert list((vocoder_run / "samples").rglob("spectrograms.png"))
    paths = stages.generate(vocoder_run, Wanted(num=2, label="b"), out=tmp_path)
    described = json.loads((tmp_path / "samples.json").read_text(encoding="utf-8"))
    assert described["decoded_by"] == "neural"
    assert [sample["label"] for sample in described["samples"]] == ["b", "b"]
    assert soundfile.info(paths[0]).frames == described["samples"][0]["steps"] * 64


def test_both_decoders_are_measured_on_the_same_clips(vocoder_run: Path) -> None:
    models = api.evaluate(vocoder_run)["models"]
    assert set(models) == {"vocoder", "griffin_lim"}
    # Three steps teach nothing, and Griffin-Lim needs none.
    for metric in ("copy_mel_distance", "copy_stft_distance"):
        assert models["griffin_lim"][metric]["value"] < models["vocoder"][metric]["value"] / 2


def test_a_run_decodes_with_a_vocoder_that_travels_with_it(
    vocoder_run: Path, tiny_vocoder: MakeRecipe, tmp_path: Path
) -> None:
    source, run, moved = tmp_path / "vocoder", tmp_path / "run", tmp_path / "elsewhere" / "run"
    shutil.copytree(vocoder_run, source)
    stages.train(tiny_vocoder(*GENERATES, f"data.decoder={source}"), run)
    before = generated(run)
    shutil.rmtree(source)
    shutil.move(run, moved)
    shutil.rmtree(moved / "corpus")
    assert alike(generated(moved), before)
    assert not alike(generated(moved, decoder="griffin_lim"), before)
    assert set(load(moved / "vocoder" / "checkpoints" / "vocoder.pt")["parts"]) == {"average"}
    shutil.rmtree(moved / "vocoder")
    with pytest.raises(UserError, match="vocoder: this is not a run directory"):
        generated(moved)


def test_another_decoder_may_be_asked_for(vocoder_run: Path, tiny_vocoder: MakeRecipe, tmp_path: Path) -> None:
    plain, decoded = tmp_path / "plain", tmp_path / "decoded"
    stages.train(tiny_vocoder(*GENERATES), plain)
    stages.train(tiny_vocoder(*GENERATES, f"data.decoder={vocoder_run}"), decoded)
    assert alike(generated(plain, decoder=str(vocoder_run)), generated(decoded))
    assert alike(generated(decoded, decoder="griffin_lim"), generated(plain))


@pytest.mark.parametrize(
    ("change", "named"),
    [("data.hop=32", "hop 64 there and 32 here"), ("data.range_db=60", "range_db 80.0 there and 60.0 here; floor")],
)
def test_a_vocoder_of_other_frames_is_refused(
    vocoder_run: Path, tiny_vocoder: MakeRecipe, tmp_path: Path, change: str, named: str
) -> None:
    with pytest.raises(UserError, match=named):
        stages.train(tiny_vocoder(*GENERATES, change, f"data.decoder={vocoder_run}"), tmp_path / "run")
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_what_is_no_finished_vocoder_is_refused_before_anything_is_prepared(
    tiny_vocoder: MakeRecipe, vocoder_run: Path, tmp_path: Path
) -> None:
    plain, unfinished = tmp_path / "plain", tmp_path / "unfinished"
    stages.prepare(tiny_vocoder(*GENERATES), plain)
    stages.prepare(tiny_vocoder(), unfinished)
    for place, said in ((tmp_path, "not a run directory"), (plain, "trains no vocoder"), (unfinished, "not finished")):
        with pytest.raises(UserError, match=said):
            stages.train(tiny_vocoder(*GENERATES, f"data.decoder={place}"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_only_sounds_have_decoders(rows_run: Path) -> None:
    with pytest.raises(UserError, match="--decoder turns frames of audio into sound, and this model makes rows"):
        generated(rows_run, decoder="griffin_lim")
