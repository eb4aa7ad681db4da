"""Clips as tokens, from sound to sound: every path of the pipeline on a tiny run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from seqgan_toolkit import stages
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.audio import AudioDomain, ClipStore
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.metrics.frames import classifier_training
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.training.checkpoints import load

MakeRecipe = Callable[..., Recipe]
Same = Callable[..., None]
QUANTISER = "{num_codes: 16, frames_per_token: 4, code_dim: 4, hidden_dim: 8, steps: 20, batch_size: 16}"
TOKENS = (
    f"data={{kind: audio, source: plucks, num_clips: 48, hop: 128, representation: tokens, quantiser: {QUANTISER}}}",
    "logging={log_every: 1, preview_every: 4, checkpoint_every: 1, keep: 100, num_preview: 4}",
    "evaluation.num_samples=24",
)


@pytest.fixture(scope="module")
def tokens_run(tiny_text: MakeRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, with a checkpoint after every step."""
    out = tmp_path_factory.mktemp("runs") / "audio_tokens"
    stages.train(tiny_text(*TOKENS), out)
    return out


def test_the_corpus_holds_tokens_with_the_sound_behind_them(tokens_run: Path) -> None:
    corpus = Corpus(tokens_run / "corpus")
    assert corpus.space.size == 3 + 16
    assert len(corpus.label_names) == 24
    for split, store in corpus.splits.items():
        clips = ClipStore(corpus.directory, split)
        # A token stands for four hops, and the end token for none.
        assert store.lengths.tolist() == [-(-len(clips[index]) // (4 * 128)) + 1 for index in range(len(store))]
    assert {"rms_error", "rms_spread", "codes_used", "code_perplexity"} < corpus.notes["quantiser"].keys()
    assert not [path for path in tokens_run.iterdir() if path.name.startswith(".")]


def test_previews_show_spectrograms(tokens_run: Path) -> None:
    sheets = sorted(path.relative_to(tokens_run) for path in (tokens_run / "samples").rglob("*.png"))
    assert [sheet.parent.name for sheet in sheets] == ["step-00000004", "step-00000008"]


def test_clips_are_generated_from_the_checkpoint_alone(tokens_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(tokens_run, run, ignore=shutil.ignore_patterns("corpus"))
    wanted = Wanted(num=3, seed=2, label="midi-60", temperature=0.8)
    stages.generate(run, wanted, out=tmp_path / "clips")
    described = json.loads((tmp_path / "clips" / "samples.json").read_text(encoding="utf-8"))
    assert [sample["label"] for sample in described["samples"]] == ["midi-60"] * 3
    for index, sample in enumerate(described["samples"]):
        sound, rate = soundfile.read(tmp_path / "clips" / f"clip-{index:04d}.wav")
        # The end token makes no sound; a clip that was cut at the longest length has none.
        assert rate == 8000
        assert len(sound) in {steps * 4 * 128 for steps in (max(1, sample["steps"] - 1), sample["steps"])}
    again = stages.sample(run, wanted)
    assert (again[0] == stages.sample(tokens_run, wanted)[0]).all()


def test_training_goes_on_bit_for_bit(tokens_run: Path, cut_short: Callable[[Path, int], Path], same: Same) -> None:
    run = cut_short(tokens_run, 7)
    stages.train(RunDirectory(run).recipe(), run)
    same(*(load(path / "checkpoints" / "adversarial.pt") for path in (run, tokens_run)))


def test_figures_of_tokens_and_of_clips(tokens_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path / "cache"))
    for name in ("FEWEST_STEPS", "MOST_STEPS"):
        monkeypatch.setattr(classifier_training, name, 10)
    result = stages.evaluate(tokens_run)
    for model in ("teacher_forced", "adversarial"):
        figures = result["models"][model]
        assert figures["held_out_nll"]["value"] > 0
        assert figures.keys() > {"distinct", "longest_copied_span", "pitch_within_50_cents", "clip_frechet"}
    # What real clips sound like, and what is left of them behind the quantiser.
    in_tune = result["references"]["pitch_within_50_cents"]
    assert in_tune["real"] == 1 > in_tune["copy_synthesis"]
    assert result["references"]["training_copies"]["training_copy"] == 1
    assert result["references"]["training_copies"]["noise"] == 0


def test_sequences_of_another_quantiser_are_refused(tokens_run: Path, tiny_text: MakeRecipe, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"not made of the same things \(quantiser: another one there and another"):
        stages.train(tiny_text(*TOKENS, "seed=4", f"init_from={{run: {tokens_run}}}"), tmp_path / "run")


def test_a_domain_of_tokens_comes_back_whole(tokens_run: Path) -> None:
    corpus = Corpus(tokens_run / "corpus")
    domain = AudioDomain.from_state(corpus.domain_state)
    assert domain.space == corpus.space
    assert domain.state() == corpus.domain_state
    batch = corpus.splits["test"].head(2)
    frames = AudioDomain.from_state({key: value for key, value in domain.state().items() if key != "quantiser"})
    for clip, expected in zip(domain.decode(batch), frames.decode(domain.frames(batch)), strict=True):
        assert (clip == expected).all()
