"""From MIDI files to generated tunes, in both representations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.domains.events.melodies import MelodiesSource
from seqgan_toolkit.domains.events.midi_reading import read_midi
from seqgan_toolkit.domains.events.midi_writing import write_midi
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import Recipe

TINY_TOKENS = """\
name: tiny_events
seed: 3
device: cpu
threads: 1
data: {kind: events, source: SOURCE, max_notes: 12, test_share: 0.2}
generator: {kind: tokens, embedding_dim: 8, hidden_dim: 16, label_dim: 4}
discriminator:
  embedding_dim: 8
  encoders: [{kind: recurrent, cell: gru, hidden_dim: 8}]
  dense_dim: 8
teacher_forcing: {steps: 3, batch_size: 8}
adversarial:
  steps: 3
  batch_size: 8
  pretraining_steps: 2
  estimator: {kind: gumbel_softmax, straight_through: true}
logging: {log_every: 1, preview_every: 2, checkpoint_every: 1, keep: 100, num_preview: 4}
evaluation: {num_samples: 20}
"""
FRAMES = (
    "data.representation=frames",
    "generator={kind: frames, hidden_dim: 16, noise_dim: 8, context_dim: 8, head_dim: 16, label_dim: 4, reach: 1.2}",
    "discriminator={encoders: [{kind: recurrent, cell: gru, hidden_dim: 8}], dense_dim: 8, group_size: 4}",
    "teacher_forcing=null",
    "adversarial={steps: 3, batch_size: 8, estimator: {kind: pathwise}}",
)
Maker = Callable[..., Recipe]


@pytest.fixture(scope="module")
def tiny_events(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Make a tiny recipe for a folder of MIDI files in major and minor, with overrides."""
    folder = tmp_path_factory.mktemp("events") / "tunes"
    for index, item in enumerate(MelodiesSource(60, 0).items("train")):
        write_midi(item.value, folder / str(item.label) / f"{index}.mid")
    return lambda *overrides: parse_recipe(TINY_TOKENS.replace("SOURCE", str(folder)), "tiny_events.yaml", overrides)


@pytest.fixture(scope="module")
def events_run(tiny_events: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of it, in tokens."""
    out = tmp_path_factory.mktemp("runs") / "events"
    stages.train(tiny_events(), out)
    return out


def test_midi_goes_in_and_midi_comes_out(events_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paths = stages.generate(events_run, Wanted(num=3, label="minor"), out=out)
    names = [path.name for path in paths]
    assert names == [*(f"tune-{n:04d}.{kind}" for n in range(3) for kind in ("mid", "wav")), "piano_rolls.png",
                     "samples.json"]  # fmt: skip
    described = json.loads(paths[-1].read_text(encoding="utf-8"))
    assert [one["label"] for one in described["samples"]] == ["minor"] * 3
    tunes = stages.sample(events_run, Wanted(num=3, label="minor"))
    for path, tune in zip(paths[:6:2], tunes, strict=True):
        if tune.notes:
            assert read_midi(path).notes == tune.notes
    assert any((events_run / "samples").rglob("piano_rolls.png")), "a preview is made while training"


def test_tunes_are_measured(events_run: Path) -> None:
    measured = stages.evaluate(events_run)
    assert measured["models"].keys() == {"teacher_forced", "adversarial"}
    figures = measured["models"]["adversarial"]
    assert {"scale_consistency", "polyphony", "pitch_class_distance", "training_copies", "held_out_nll"} <= set(figures)
    assert "lawful" not in figures, "nothing is known of the laws of one's own files"
    assert measured["references"]["training_copies"]["training_copy"] == 1


@pytest.mark.parametrize("model", ["tokens", "frames"])
def test_training_goes_on_where_it_stopped(
    tiny_events: Maker, cut_short: Callable[..., Path], same: Callable[..., None], tmp_path: Path, model: str
) -> None:
    import torch

    recipe = tiny_events(*(FRAMES if model == "frames" else ()))
    whole = tmp_path / "whole"
    stages.train(recipe, whole)
    resumed = cut_short(whole, 2)
    stages.train(recipe, resumed)
    found, expected = (torch.load(run / "checkpoints" / "adversarial.pt") for run in (resumed, whole))
    same(found, expected)


def test_frames_are_tunes_too(tiny_events: Maker, tmp_path: Path) -> None:
    recipe = tiny_events(*FRAMES, "data.window=6", "data.label=none")
    stages.run(recipe, tmp_path / "run")
    tunes = [read_midi(path) for path in sorted((tmp_path / "run" / "generated").glob("*.mid"))]
    assert len(tunes) == 20
    assert {len(tune.notes) for tune in tunes} <= set(range(1, 7))
    figures = json.loads((tmp_path / "run" / "evaluation.json").read_text(encoding="utf-8"))["models"]["adversarial"]
    assert {"scale_consistency", "mmd2", "spread"} <= set(figures)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.representation=frames"], r"kind 'tokens' cannot make events \(representation frames\): use 'frames'"),
        ([FRAMES[1]], r"kind 'frames' cannot make events \(representation tokens\): use 'tokens'"),
        (["adversarial.estimator={kind: pathwise}"], "needs the estimator 'gumbel_softmax' or 'reinforce'"),
        (["data.stride=4"], "stride is between windows: give 'window'"),
        (["data.source=melodies", "data.steps_per_beat=3"], "give an even number"),
        (["data.valid_share=0.5", "data.test_share=0.5"], "leave nothing to train on"),
    ],
)
def test_what_cannot_work_is_refused_with_what_would(tiny_events: Maker, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        tiny_events(*overrides)
