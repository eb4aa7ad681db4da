from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import load_recipe, parse_recipe

Command = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def shipped(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue with one recipe."""
    folder = workplace / "shipped"
    folder.mkdir()
    (folder / "words.yaml").write_text((workplace / "small.yaml").read_text(), encoding="utf-8")
    monkeypatch.setattr("seqgan_toolkit.recipe.catalogue.catalogue_directory", lambda: folder)
    return folder


@pytest.mark.parametrize(
    ("verb", "printed"), [("run", ""), ("prepare", "runs/small/corpus\n"), ("train", "runs/small\n")]
)
def test_a_recipe_goes_to_its_stage(command: Command, stages: Any, verb: str, printed: str) -> None:
    assert command(verb, "small.yaml", "seed=5") == (0, printed, "")
    assert stages.calls == [(verb, "small", 5, Path("runs/small"), None)]


def test_directories_are_handed_on(command: Command, stages: Any) -> None:
    command("run", "small.yaml", "--out", "x/y", "seed=2", "--data-root", "d", "ema=0.5")
    assert stages.calls == [("run", "small", 2, Path("x/y"), Path("d"))]


def test_generate_prints_the_files(command: Command, stages: Any) -> None:
    assert command("generate", "done") == (0, "done/a.txt\ndone/b.txt\n", "")
    numbers = ("--num", "3", "--seed", "4", "--temperature", "0.7", "--top-k", "5", "--top-p", "0.9")
    command("generate", "done", *numbers, "--label", "a3", "--out", "o", "--model", "teacher_forced")
    command("generate", "done", "--beam", "20")
    command("generate", "done", "--reject", "0.25")
    command("generate", "done", "--stitched")
    wanted = Wanted(3, 4, temperature=0.7, top_k=5, top_p=0.9, label="a3", model="teacher_forced")
    assert stages.calls == [
        ("generate", Path("done"), Wanted(), None),
        ("generate", Path("done"), wanted, Path("o")),
        ("generate", Path("done"), Wanted(beam=20), None),
        ("generate", Path("done"), Wanted(reject=0.25), None),
        ("generate", Path("done"), Wanted(stitched=True), None),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--num", "0"),
        ("--num", "x"),
        ("--seed", "-1"),
        ("--top-k", "many"),
        ("--beam", "0"),
        ("--beam", "4", "--temperature", "0.5"),
        ("--beam", "4", "--top-k", "5"),
        ("--beam", "4", "--top-p", "0.5"),
        ("--beam", "4", "--reject", "0.5"),
        ("--reject", "0"),
        ("--reject", "1.5"),
    ],
)
def test_generate_refuses_what_makes_no_sense(command: Command, stages: Any, words: tuple[str, ...]) -> None:
    code, _, message = command("generate", "done", *words)
    assert code == 2
    assert all(word in message for word in words if word.startswith("--"))
    assert stages.calls == []


@pytest.mark.parametrize("verb", ["generate", "evaluate"])
def test_a_directory_that_is_no_run(command: Command, stages: Any, verb: str) -> None:
    expected = "error: nowhere: this is not a run directory (it has no recipe.yaml)\n"
    assert command(verb, "nowhere") == (2, "", expected)
    assert command(verb, "dome")[2].endswith("(it has no recipe.yaml). Did you mean './done'?\n")
    assert stages.calls == []


def test_evaluate_prints_a_table(command: Command, stages: Any) -> None:
    code, output, _ = command("evaluate", "done", "--num", "100")
    assert code == 0
    assert stages.calls == [("evaluate", Path("done"), 100, None, None, None, "test")]
    assert [line.split() for line in output.splitlines()[1:]] == [
        ["distinct", "teacher_forced", "0.5", "0.4", "to", "0.6", "real", "0.75,", "noise", "-,", "training_copy", "1"],
        ["distinct", "adversarial", "-", "real", "0.75,", "noise", "-,", "training_copy", "1"],
    ]


def test_evaluate_takes_what_is_trained_to_measure(command: Command, stages: Any) -> None:
    assert command("evaluate", "done", "--curve", "--no-language-model", "--train-on-synthetic")[0] == 0
    assert stages.calls == [("evaluate", Path("done"), None, True, False, True, "test")]


def test_validate_reports_every_recipe(command: Command, workplace: Path) -> None:
    (workplace / "bad.yaml").write_text("name: 3\n", encoding="utf-8")
    code, output, message = command("validate", "small.yaml", "bad.yaml", "nowhere.yaml")
    assert (code, output) == (2, "small.yaml: in order\n")
    lines = message.splitlines()
    assert "error: bad.yaml:1: name: expected text, found 3" in lines
    assert any(line.startswith("error: nowhere.yaml: there is no such recipe") for line in lines)


def test_validate_takes_changes_to_every_recipe(command: Command) -> None:
    assert command("validate", "small.yaml", "seed=9")[:2] == (0, "small.yaml: in order\n")
    code, _, message = command("validate", "small.yaml", "text_lstm", "sede=9")
    assert code == 2
    assert message.count("Did you mean 'seed'?") == 2
    code, _, message = command("validate", "seed=9")
    assert (code, message) == (
        2,
        "error: seed=9 changes a recipe, and none is named: seqgan-toolkit validate RECIPE KEY=VALUE\n",
    )


def test_show_prints_a_recipe_that_loads_back(command: Command) -> None:
    code, output, _ = command("show", "small.yaml", "seed=9", "teacher_forcing.optimizer.lr=1e-5")
    assert code == 0
    expected = load_recipe("small.yaml", ["seed=9", "teacher_forcing.optimizer.lr=1e-5"])
    assert parse_recipe(output, "shown") == expected


def test_show_prints_what_the_recipe_of_a_run_sets_and_all_of_it_when_asked(command: Command) -> None:
    recipe = load_recipe("small.yaml")
    code, output, _ = command("show", "done")
    assert code == 0
    assert output.startswith("# done: what its recipe sets; defaults too with --recipe\nname: small\n")
    assert "ema:" not in output
    assert parse_recipe(output, "shown") == recipe
    assert command("show", "done", "--recipe") == command("show", "small.yaml")
    assert parse_recipe(command("show", "done", "seed=9")[1], "shown").seed == 9


@pytest.mark.usefixtures("shipped")
def test_ls_lists_the_catalogue(command: Command) -> None:
    assert command("ls") == (0, "words  A small recipe.\n", "")


@pytest.mark.usefixtures("shipped")
def test_cp_copies_and_does_not_overwrite(command: Command, workplace: Path) -> None:
    original = (workplace / "small.yaml").read_text()
    assert command("cp", "words") == (0, "words.yaml\n", "")
    (workplace / "words.yaml").write_text("mine", encoding="utf-8")
    code, _, message = command("cp", "words")
    assert code == 2
    assert message == "error: words.yaml exists already: give another place, or --force to overwrite it\n"
    assert (workplace / "words.yaml").read_text() == "mine"
    assert command("cp", "words", "--force")[0] == 0
    assert (workplace / "words.yaml").read_text() == original


@pytest.mark.usefixtures("shipped")
def test_cp_takes_a_folder_or_a_file(command: Command, workplace: Path) -> None:
    assert command("cp", "words", "done")[1] == "done/words.yaml\n"
    assert command("cp", "words.yaml", "new/mine.yaml")[1] == "new/mine.yaml\n"
    assert load_recipe(workplace / "done" / "words.yaml").name == "small"
    assert load_recipe(workplace / "new" / "mine.yaml").name == "mine", "so that its runs have a directory of their own"


@pytest.mark.usefixtures("shipped")
def test_cp_of_an_unknown_name(command: Command) -> None:
    expected = "error: no recipe is called 'wrods'. Did you mean 'words'? There are: words\n"
    assert command("cp", "wrods") == (2, "", expected)


def test_env_names_versions_and_directories(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQGAN_DATA", "/my/data")
    code, output, _ = command("env")
    facts = dict(line.split(maxsplit=1) for line in output.splitlines() if not line.startswith("data root"))
    assert code == 0
    assert {"python", "torch", "torchaudio", "cuda", "cores", "cache", "recipes"} <= set(facts)
    assert "/my/data" in output
