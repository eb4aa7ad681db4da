"""N steps equal N/2 steps, a stop of any kind, and N/2 more: bit for bit."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.errors import RunError, UserError
from seqgan_toolkit.recipe.loading import dump_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.training.checkpoints import load

Same = Callable[[Any, Any], None]
CutShort = Callable[[Path, int], Path]
MakeRecipe = Callable[..., Recipe]


POLICY_GRADIENT = ("generator.step_noise_dim=0", "adversarial.loss=non_saturating", "logging.checkpoint_every=1")
STEERED = (
    "adversarial.instance_noise=0.1",
    "adversarial.skip_above=0.51",
    "adversarial.ema_ramp=0.5",
    "adversarial.penalty={gamma: 1.0, final_gamma: 0.1, every: 2, sigma: 0.1, final_sigma: 0.05}",
    "adversarial.generator_optimizer={lr: 1e-3, final_beta2: 0.999}",
    "adversarial.discriminator_optimizer={kind: sgd, lr: 0.1}",
)


def go_on(run: Path) -> None:
    """Go on as a new process would, which has other global random numbers."""
    torch.manual_seed(int(time.time_ns()) % 2**31)
    stages.train(RunDirectory(run).recipe(), run)


def final(run: Path) -> dict[str, Any]:
    return load(run / "checkpoints" / "adversarial.pt")


# Four steps of teacher forcing, two of the discriminator alone, four rounds.
@pytest.mark.parametrize("steps", [2, 4, 5, 6, 7, 9])
def test_text_goes_on_bit_for_bit(text_run: Path, cut_short: CutShort, same: Same, steps: int) -> None:
    run = cut_short(text_run, steps)
    go_on(run)
    same(final(run), final(text_run))


@pytest.mark.parametrize("steps", [3, 5])
def test_frames_go_on_bit_for_bit(rows_run: Path, cut_short: CutShort, same: Same, steps: int) -> None:
    run = cut_short(rows_run, steps)
    go_on(run)
    same(final(run), final(rows_run))


def test_what_steers_the_discriminator_goes_on_bit_for_bit(
    tiny_rows: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same
) -> None:
    whole = tmp_path / "whole"
    augment = "adversarial.augment={probability: 0.3}"
    stages.train(tiny_rows("logging.checkpoint_every=1", augment, *STEERED), whole)
    run = cut_short(whole, 3)
    go_on(run)
    same(final(run), final(whole))
    assert final(run)["parts"]["adversarial.augmentation"]["probability"] != 0.3


@pytest.mark.parametrize(
    "settings",
    [{"tied_embeddings": "true"}, *({"cell": cell} for cell in ("mingru", "rmc", "transformer"))],
    ids=lambda settings: "-".join(settings.values()),
)
def test_every_generator_of_text_goes_on_bit_for_bit(
    tiny_text: MakeRecipe, cut_short: CutShort, same: Same, tmp_path: Path, settings: dict[str, str]
) -> None:
    changes = [f"generator.{key}={value}" for key, value in settings.items()]
    stages.train(tiny_text("logging.checkpoint_every=3", "adversarial.pretraining_steps=0", *changes), tmp_path / "run")
    run = cut_short(tmp_path / "run", 6)
    go_on(run)
    same(final(run), final(tmp_path / "run"))
    if "tied_embeddings" in settings:
        weights = final(run)["parts"]["average"]["weights"]
        assert torch.equal(weights["head.weight"], weights["embedding.weight"])


DISCRIMINATORS = {
    "spectral_norm": (
        "discriminator.spectral_norm=true",
        "discriminator.encoders=[{kind: transformer, hidden_dim: 8, dropout: 0.1}, {kind: convolutional}]",
        "adversarial.loss=wasserstein",
        "adversarial.penalty={kind: wgan_gp, backend: exact, gamma: 10}",
    ),
    "multi_representation": (
        "discriminator.encoders=[{kind: multi_representation, channels: 4}]",
        "adversarial.loss=relativistic_average",
        "adversarial.feature_matching=0.1",
        "adversarial.mmd_matching=0.1",
    ),
}


WINDOW = "{kind: random_window, steps: 3, weight: 0.5, encoder: {kind: patches, channels: [4], dense_dim: 6}}"
DISCRIMINATORS_OF_FRAMES = {
    "separate_heads": (
        f"discriminator.encoders=[{{kind: recurrent, hidden_dim: 8, dropout: 0.1}}, {WINDOW}]",
        "discriminator.heads=separate",
        "discriminator.label=both",
        "discriminator.packing=2",
    ),
    "steps": (
        "discriminator.encoders=[{kind: recurrent, hidden_dim: 8}]",
        "discriminator.scores=steps",
        "discriminator.label=concatenation",
        "discriminator.group_size=0",
        "generator.noise_dim=0",
        "generator.position_dim=0",
        "generator.head_dim=0",
    ),
}


@pytest.mark.parametrize("kind", DISCRIMINATORS_OF_FRAMES)
def test_discriminators_of_frames_go_on_bit_for_bit(
    kind: str, tiny_rows: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same
) -> None:
    whole = tmp_path / "whole"
    stages.train(tiny_rows("logging.checkpoint_every=1", *DISCRIMINATORS_OF_FRAMES[kind]), whole)
    run = cut_short(whole, 3)
    go_on(run)
    same(final(run), final(whole))


@pytest.mark.parametrize("kind", DISCRIMINATORS)
def test_other_discriminators_go_on_bit_for_bit(
    kind: str, tiny_text: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same
) -> None:
    whole = tmp_path / "whole"
    stages.train(tiny_text("logging.checkpoint_every=1", "teacher_forcing=null", *DISCRIMINATORS[kind]), whole)
    run = cut_short(whole, 3)
    go_on(run)
    same(final(run), final(whole))


@pytest.mark.parametrize(
    "estimator",
    [
        "reward: {kind: rollout, num_rollouts: 2}, baseline: {kind: value}",
        "reward: {kind: maligan}, baseline: {kind: moving_average}",
    ],
)
def test_a_policy_gradient_goes_on_bit_for_bit(
    tiny_text: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same, estimator: str
) -> None:
    whole = tmp_path / "whole"
    stages.train(tiny_text(*POLICY_GRADIENT, f"adversarial.estimator={{kind: reinforce, {estimator}}}"), whole)
    run = cut_short(whole, 8)
    go_on(run)
    same(final(run), final(whole))
    assert any(name.startswith("adversarial.estimator_") for name in final(run)["parts"])


def test_leakgan_goes_on_bit_for_bit(tiny_text: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same) -> None:
    whole = tmp_path / "whole"
    leaked = "features: {embedding_dim: 8, hidden_dim: 8}"
    changes = (
        f"generator={{kind: manager_worker, hidden_dim: 8, manager_dim: 8, action_dim: 3, dropout: 0.1, {leaked}}}",
        "discriminator.encoders.0.bidirectional=false",
        "adversarial.estimator={kind: leakgan, reward: {kind: rollout, num_rollouts: 2}, baseline: {kind: value}}",
        "adversarial.loss=non_saturating",
        "logging.checkpoint_every=1",
    )
    stages.train(tiny_text(*changes), whole)
    run = cut_short(whole, 8)
    go_on(run)
    same(final(run), final(whole))
    # The averaged generator has followed the discriminator too, and is what generates.
    first = load(whole / "checkpoints" / "step-00000001.pt")["parts"]["average"]["weights"]
    last = final(whole)["parts"]["average"]["weights"]
    assert not torch.equal(first["features.embedding.weight"], last["features.embedding.weight"])


@pytest.mark.parametrize("domain", ["text", "frames"])
def test_professor_forcing_goes_on_bit_for_bit(
    domain: str, tiny_text: MakeRecipe, tiny_rows: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same
) -> None:
    professor = ("adversarial=null", "teacher_forcing.professor_forcing={hidden_dim: 8}", "logging.checkpoint_every=1")
    fed_back = "{kind: frames_autoregressive, hidden_dim: 16, prenet_dim: 8, noise_dim: 4, label_dim: 4}"
    recipe = {
        "text": lambda: tiny_text("generator.step_noise_dim=0", *professor),
        "frames": lambda: tiny_rows(f"generator={fed_back}", "teacher_forcing={steps: 4}", *professor),
    }[domain]()
    whole = tmp_path / "whole"
    stages.train(recipe, whole)
    run = cut_short(whole, 2)
    go_on(run)
    same(*(load(path / "checkpoints" / "teacher_forcing.pt") for path in (run, whole)))


# Three steps of each phase.
@pytest.mark.parametrize("steps", [2, 3, 5, 7])
def test_timegan_goes_on_bit_for_bit(
    tiny_timegan: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same, steps: int
) -> None:
    whole = tmp_path / "whole"
    stages.train(tiny_timegan("logging.checkpoint_every=1"), whole)
    run = cut_short(whole, steps)
    go_on(run)
    same(*(load(path / "checkpoints" / "timegan.pt") for path in (run, whole)))


# One step of the vocoder alone, two rounds.
@pytest.mark.parametrize("steps", [1, 2])
def test_a_vocoder_goes_on_bit_for_bit(
    tiny_vocoder: MakeRecipe, tmp_path: Path, cut_short: CutShort, same: Same, steps: int
) -> None:
    whole = tmp_path / "whole"
    stages.train(tiny_vocoder("logging.checkpoint_every=1"), whole)
    run = cut_short(whole, steps)
    go_on(run)
    same(*(load(path / "checkpoints" / "vocoder.pt") for path in (run, whole)))


def test_the_same_seed_trains_the_same_model(text_run: Path, tiny_text: MakeRecipe, tmp_path: Path, same: Same) -> None:
    torch.manual_seed(99)
    stages.train(tiny_text("logging.checkpoint_every=3"), tmp_path / "again")
    same(final(tmp_path / "again"), final(text_run))


def test_another_seed_trains_another_model(text_run: Path, tiny_text: MakeRecipe, tmp_path: Path) -> None:
    stages.train(tiny_text("seed=4"), tmp_path / "other")
    weights = [final(run)["parts"]["generator"]["head.weight"] for run in (text_run, tmp_path / "other")]
    assert not torch.equal(*weights)


def test_what_is_trained_is_not_trained_again(text_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (text_run / "metrics.jsonl").read_bytes()
    go_on(text_run)
    assert f"{text_run} is already trained" in capsys.readouterr().err
    assert (text_run / "metrics.jsonl").read_bytes() == before


def test_data_that_have_changed_since_are_told(
    tiny_text: MakeRecipe, sentences: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, source in (("file", tmp_path / "text.txt"), ("folder", tmp_path / "classes" / "a.txt")):
        source.parent.mkdir(exist_ok=True)
        source.write_bytes(sentences.read_bytes())
        recipe = tiny_text(f"data.source={source if name == 'file' else source.parent}")
        stages.prepare(recipe, tmp_path / name)
        stages.prepare(recipe, tmp_path / name)
        assert "has changed since" not in capsys.readouterr().err
        prepared = (tmp_path / name / "corpus" / "corpus.json").stat().st_mtime
        os.utime(source, (prepared + 1, prepared + 1))
        stages.prepare(recipe, tmp_path / name)
        assert f"warning: {recipe.data.source} has changed since" in capsys.readouterr().err


def test_another_recipe_is_told_in_a_message_that_is_read(text_run: Path, tiny_rows: MakeRecipe) -> None:
    with pytest.raises(UserError, match=r"; and \d+ more\. Give another --out") as refused:
        stages.train(tiny_rows(), text_run)
    assert len(str(refused.value)) < 1000


def test_a_damaged_checkpoint_costs_one_step(text_run: Path, cut_short: CutShort, same: Same) -> None:
    run = cut_short(text_run, 8)
    newest = run / "checkpoints" / "step-00000008.pt"
    newest.write_bytes(newest.read_bytes()[:1000])
    go_on(run)
    same(final(run), final(text_run))


def test_a_full_disk_costs_nothing_that_was_saved(
    text_run: Path, cut_short: CutShort, same: Same, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cut_short(text_run, 7)
    save, calls = torch.save, []

    def fill(state: Any, path: Path) -> None:
        calls.append(path)
        if len(calls) > 1:
            Path(path).write_bytes(b"half of a checkpoint")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(state, path)

    monkeypatch.setattr(torch, "save", fill)
    with pytest.raises(RunError, match=r"step-00000009\.pt: the disk is full.*step-00000008\.pt"):
        go_on(run)
    assert sorted(path.name for path in (run / "checkpoints").iterdir())[-1] == "step-00000008.pt"
    monkeypatch.undo()
    go_on(run)
    same(final(run), final(text_run))


@pytest.mark.parametrize("change", ["seed=5", "teacher_forcing.steps=5", "generator.hidden_dim=17"])
def test_another_recipe_is_refused(text_run: Path, tiny_text: MakeRecipe, change: str) -> None:
    key = change.partition("=")[0]
    with pytest.raises(UserError, match=f"was made by another recipe: .*{key.split('.')[-1]}"):
        stages.train(tiny_text("logging.checkpoint_every=1", change), text_run)


def test_a_directory_of_other_things_is_refused(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious", encoding="utf-8")
    with pytest.raises(UserError, match="holds other files and is not a run directory"):
        stages.train(tiny_text(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(("out", "message"), [("file", "is a file, and a run needs"), ("file/run", "cannot be made")])
def test_a_path_that_can_be_no_directory_is_refused(
    tiny_text: MakeRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, message: str
) -> None:
    (tmp_path / "file").write_text("precious", encoding="utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(dump_recipe(tiny_text()), encoding="utf-8")
    assert main(["train", str(recipe), "--out", str(tmp_path / out)]) == 2
    assert message in capsys.readouterr().err


def test_a_run_that_had_nothing_yet_may_be_given_another_recipe(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        stages.prepare(tiny_text("data.source=missing.txt"), tmp_path / "run")
    stages.prepare(tiny_text(), tmp_path / "run")
    with pytest.raises(UserError, match="was made by another recipe"):
        stages.prepare(tiny_text("seed=8"), tmp_path / "run")


def test_another_corpus_is_refused(text_run: Path, cut_short: CutShort) -> None:
    run = cut_short(text_run, 7)
    description = run / "corpus" / "corpus.json"
    described = json.loads(description.read_text(encoding="utf-8"))
    described["domain"]["changed"] = True
    description.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(UserError, match="its corpus is not the one that training began with"):
        go_on(run)


def test_a_loss_that_is_not_finite_names_step_and_checkpoint(
    tiny_text: MakeRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A learning rate of this size spoils the weights in the first step and the loss in the second.
    recipe, out = tmp_path / "spoilt.yaml", tmp_path / "run"
    changes = ("teacher_forcing.optimizer.lr=1e38", "logging.checkpoint_every=1")
    recipe.write_text(dump_recipe(tiny_text(*changes)), encoding="utf-8")
    assert main(["train", str(recipe), "--out", str(out)]) == 1
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("error: teacher_forcing step 2: the loss 'teacher_forcing' is nan")
    assert f"{out / 'checkpoints'}: step-00000001.pt" in message
    assert "Traceback" not in message


def test_ctrl_c_saves_and_can_be_resumed(tiny_text: MakeRecipe, tmp_path: Path, same: Same) -> None:
    recipe, run, whole = tmp_path / "long.yaml", tmp_path / "run", tmp_path / "whole"
    recipe.write_text(dump_recipe(tiny_text("teacher_forcing.steps=200")), encoding="utf-8")
    command = [sys.executable, "-m", "seqgan_toolkit", "train", str(recipe), "--out", str(run)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        wait_for_line(run / "metrics.jsonl", process)
        os.kill(process.pid, signal.SIGINT)
        _, message = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert message.splitlines()[-1] == "interrupted"
    assert re.fullmatch(r"saved at teacher_forcing \d+: the same command goes on from there", message.splitlines()[-2])
    assert "Traceback" not in message
    (checkpoint,) = (run / "checkpoints").iterdir()
    assert 0 < load(checkpoint)["step"] < 200
    go_on(run)
    stages.train(RunDirectory(run).recipe(), whole)
    same(final(run), final(whole))


def wait_for_line(path: Path, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not (path.is_file() and path.stat().st_size):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until, "no step was taken within a minute"
        time.sleep(0.01)
