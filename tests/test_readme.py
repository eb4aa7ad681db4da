"""Every `seqgan-toolkit` command in the documents and in the recipes' headers is one that the program understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from seqgan_toolkit.cli.main import _app
from seqgan_toolkit.recipe.catalogue import catalogue_path
from seqgan_toolkit.recipe.loading import load_recipe

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
FENCE = re.compile(r"^```(?:sh|bash|shell|console|text)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*(?:.*-m seqgan_toolkit|seqgan-toolkit) (?P<words>.+)$")
WITH_RECIPE = {"run", "prepare", "train", "show"}


def lines_of(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".yaml":
        # A header's command may be followed by a remark in brackets.
        yield from (re.sub(r"\s{2,}\(.*", "", line.lstrip("# ")) for line in text.splitlines() if line.startswith("#"))
        return
    for block in FENCE.findall(text):
        yield from block.replace("\\\n", " ").splitlines()


def commands() -> list[tuple[Path, str]]:
    """Return every command with the page it stands on."""
    pages = [page for page in [*PAGES, *RECIPES] if page.is_file()]
    matches = [(page, COMMAND.match(line.strip())) for page in pages for line in lines_of(page)]
    return [(page, match["words"]) for page, match in matches if match]


def copies_on(page: Path) -> dict[str, str]:
    """Return which shipped recipe every file that the page's `cp` commands make is a copy of."""
    words = [shlex.split(line, comments=True) for where, line in commands() if where == page]
    return {made: name for name, made in (rest[1:] for rest in words if rest[0] == "cp" and len(rest) == 3)}


def recipe_at(name: str, page: Path) -> str | Path:
    """Return what a command's recipe stands for: a copy made on the page, a file of the project, or a shipped name."""
    copied = copies_on(page).get(name)
    if copied is not None:
        found = catalogue_path(copied)
        assert found is not None, f"there is no recipe '{copied}' to copy"
        return found
    return ROOT / name if (ROOT / name).is_file() else name


def parsed(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Parse a command as the program would, without running it; return the verb and its arguments."""
    group: Any = typer.main.get_command(_app())
    verb, *rest = words
    assert verb in group.commands, f"there is no verb '{verb}'"
    context = group.commands[verb].make_context(verb, rest)
    return verb, context.params


def test_there_are_commands() -> None:
    pages = {page.name for page, _ in commands()}
    assert {"text.md", "audio.md", "rows.md", "series.md", "events.md", "training.md", "mnist_lstm.yaml"} <= pages


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda value: str(getattr(value, "name", value))[:60])
def test_a_command_is_understood(page: Path, line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0].startswith("--"):
        assert words in (["--help"], ["--version"])
        return
    verb, arguments = parsed(words)
    if verb in WITH_RECIPE:
        load_recipe(recipe_at(arguments["recipe"], page), arguments["overrides"] or ())
    if verb == "validate":
        for name in arguments["recipes"]:
            for path in sorted(ROOT.glob(name)) or [recipe_at(name, page)]:
                load_recipe(path)
    if verb == "cp":
        assert catalogue_path(arguments["name"]) is not None


def test_the_text_recipes_that_the_readme_names_are_those_that_there_are() -> None:
    named = set(re.findall(r"`(text_\w+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named == {recipe.stem for recipe in RECIPES if recipe.stem.startswith("text_")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [("fly", "no verb 'fly'"), ("run mnist_lstm sede=1", "seed"), ("run nowhere.yaml", "nowhere"), ("run", "recipe")],
)
def test_a_wrong_command_is_told(line: str, reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        test_a_command_is_understood(ROOT / "README.md", line)
