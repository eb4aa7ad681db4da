"""Text with a label each, and text with little in it, from the files to what is generated and measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.cli.main import main
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.schema import Recipe

MakeRecipe = Callable[..., Recipe]
NO_NOISE = ("generator.noise_dim=0", "generator.step_noise_dim=0")
WORDS = {"letters": "a b c d", "numbers": "1 2 3 4"}


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file for each of two classes, which share no word but the full stop."""
    folder = tmp_path_factory.mktemp("classes")
    for name, words in WORDS.items():
        several = words.split()
        lines = [f"{one} {two} {three} ." for one in several for two in several for three in several]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def labelled_run(tiny_text: MakeRecipe, classes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has seen enough of the two classes to tell them apart."""
    out = tmp_path_factory.mktemp("labelled") / "run"
    overrides = ("teacher_forcing.steps=120", "teacher_forcing.optimizer.lr=0.03", "ema=0.5", *NO_NOISE)
    stages.train(tiny_text(f"data.source={classes}", "teacher_forcing.scheduled_sampling=0", *overrides), out)
    return out


def own_share(sentences: list[str], label: str) -> float:
    """Return the share of words that are of the class."""
    words = " ".join(sentences).replace(".", " ").lower().split()
    return sum(word in WORDS[label] for word in words) / max(1, len(words))


@pytest.mark.parametrize("label", WORDS)
def test_a_label_is_followed(labelled_run: Path, label: str) -> None:
    sentences = stages.sample(labelled_run, Wanted(50, label=label, model="teacher_forced"))
    assert own_share(sentences, label) > 0.9


def test_labels_of_classes_take_turns(labelled_run: Path, tmp_path: Path) -> None:
    stages.generate(labelled_run, Wanted(30), out=tmp_path)
    samples = json.loads((tmp_path / "samples.json").read_text(encoding="utf-8"))["samples"]
    assert [sample["label"] for sample in samples] == ["letters", "numbers"] * 15
    lines = (tmp_path / "sentences.txt").read_text(encoding="utf-8").splitlines()
    assert own_share(lines[::2], "letters") > 0.9
    assert own_share(lines[1::2], "numbers") > 0.9


def test_a_beam_gives_each_label_its_best_different_sentences(labelled_run: Path) -> None:
    wanted = Wanted(12, beam=8)
    found = stages.sample(labelled_run, wanted)
    assert len(set(found)) == 12
    assert own_share(found[::2], "letters") == own_share(found[1::2], "numbers") == 1.0
    assert found[::2][:3] == stages.sample(labelled_run, Wanted(3, beam=8, label="letters", seed=9)), "nothing is drawn"
    with pytest.raises(UserError, match="a beam of 8 finds 8 different sequences of a label at most, and 9"):
        stages.sample(labelled_run, Wanted(9, beam=8, label="letters"))


def test_rejection_keeps_to_the_label_and_prints_its_rate(labelled_run: Path, capsys: Any) -> None:
    sentences = stages.sample(labelled_run, Wanted(20, reject=0.25, label="numbers"))
    printed = capsys.readouterr().err
    assert "kept the best 20 of 80 by the discriminator's score (acceptance 0.250); mean score " in printed
    assert own_share(sentences, "numbers") > 0.9
    kept, of_all = (float(part.split()[-1]) for part in printed.strip().rsplit(", of all ", 1))
    assert kept > of_all


@pytest.mark.parametrize("how", [{"top_k": 2}, {"top_p": 0.5}, {"beam": 10}, {"reject": 0.5}], ids=str)
def test_the_same_seed_gives_the_same_sentences(labelled_run: Path, tmp_path: Path, how: dict[str, Any]) -> None:
    for name in ("first", "again"):
        stages.generate(labelled_run, Wanted(9, seed=3, **how), out=tmp_path / name)
    first, again = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "again")
    )
    assert first == again
    described = json.loads(first["samples.json"])
    unchanged = {"seed": 3, "temperature": 1.0, "top_k": None, "top_p": 1.0, "beam": None, "reject": None}
    assert {key: described[key] for key in unchanged} == {**unchanged, **how}


@pytest.mark.parametrize("words", [("--beam", "4"), ("--top-k", "5"), ("--top-p", "0.5")])
def test_frames_have_no_tokens_to_choose_among(rows_run: Path, words: tuple[str, str], capsys: Any) -> None:
    assert main(["generate", str(rows_run), *words]) == 2
    error = capsys.readouterr().err
    assert words[0] in error
    assert "this model makes frames" in error


def test_images_can_be_rejected_too(rows_run: Path, capsys: Any) -> None:
    assert len(stages.sample(rows_run, Wanted(10, reject=0.5))) == 10
    # Two of each label would do, but its discriminator sees groups of four.
    assert "kept the best 10 of 40 " in capsys.readouterr().err


def test_rejection_needs_a_discriminator(tiny_text: MakeRecipe, text_run: Path, cut_short: Any, tmp_path: Path) -> None:
    stages.train(tiny_text("adversarial=null"), tmp_path / "run")
    for run in (tmp_path / "run", cut_short(text_run, 2)):
        with pytest.raises(UserError, match="has no trained discriminator, which --reject needs"):
            stages.sample(run, Wanted(2, reject=0.5))


POOR = {
    "the same sentence": (["a dog ."] * 40, "word", "all 40 training sentences are the same one"),
    "one word": ([" ".join(["go"] * (1 + number % 6)) for number in range(40)], "word", "the vocabulary is one token"),
    "one character": (["x" * (1 + number % 6) for number in range(40)], "character", "the vocabulary is one token"),
}


@pytest.mark.parametrize("kind", POOR)
def test_poor_data_are_reported_and_work(kind: str, tiny_text: MakeRecipe, tmp_path: Path, capsys: Any) -> None:
    lines, tokenizer, message = POOR[kind]
    data = tmp_path / "poor"
    data.mkdir()
    for split in ("train", "valid", "test"):
        (data / f"{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    overrides = (f"data.source={data}", f"data.tokenizer={tokenizer}", "evaluation.num_samples=20")
    stages.run(tiny_text(*overrides), tmp_path / "run")
    said = capsys.readouterr().err
    assert f"{data}: {message}" in said
    assert f"{data}: test: 40 of 40 sentences are in the training split too" in said
    assert len((tmp_path / "run" / "generated" / "sentences.txt").read_text(encoding="utf-8").splitlines()) == 20


def test_without_a_test_split_nothing_is_measured(tiny_text: MakeRecipe, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "same.txt"
    path.write_text("a dog .\n" * 40, encoding="utf-8")
    stages.run(tiny_text(f"data.source={path}", "data.valid_share=0", "data.test_share=0"), tmp_path / "run")
    reason = "there is no test split to measure against"
    assert reason in capsys.readouterr().err
    assert (tmp_path / "run" / "generated" / "sentences.txt").is_file()
    with pytest.raises(UserError, match=reason):
        stages.evaluate(tmp_path / "run")


def test_one_class_trains_without_labels(tiny_text: MakeRecipe, classes: Path, tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "letters.txt").write_bytes((classes / "letters.txt").read_bytes())
    stages.train(tiny_text(f"data.source={folder}"), tmp_path / "run")
    assert "every sentence has the label 'letters': with one class the model is trained" in capsys.readouterr().err
    assert len(stages.sample(tmp_path / "run", Wanted(3))) == 3


def test_a_label_file_from_the_recipe(tiny_text: MakeRecipe, sentences: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("".join(f"{line.split()[-2]}\n" for line in sentences.read_text().splitlines()))
    corpus = stages.prepare(tiny_text(f"data.label_file={labels}"), tmp_path / "run")
    assert corpus.label_names == ("bird", "cat", "dog", "fish", "sleeps")
