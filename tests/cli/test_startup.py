"""Start-up: the help must not wait for what only a verb needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "torchaudio",
    "numpy",
    "pydantic",
    "librosa",
    "sklearn",
    "matplotlib",
    "sentencepiece",
    "yaml",
    "rich",
}
LOADED = "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"


def modules_after(code: str) -> set[str]:
    """Run a program in a fresh interpreter; returns the top-level modules that it has imported."""
    result = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{LOADED}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["ls"], []])
def test_the_command_line_stays_light(words: list[str]) -> None:
    loaded = modules_after(f"from seqgan_toolkit.cli.main import main; main({words})")
    assert "seqgan_toolkit" in loaded
    allowed = {"pydantic"} if words in (["run", "--help"], ["ls"]) else set()  # typer reads a verb's words with it
    assert loaded & HEAVY <= allowed


def test_importing_the_package_is_light_and_offers_the_api() -> None:
    code = "import seqgan_toolkit as sg; assert 'run' in dir(sg)"
    assert not modules_after(code) & (HEAVY | {"typer"})


def test_loading_a_recipe_needs_no_torch() -> None:
    assert "torch" not in modules_after(
        "import seqgan_toolkit as sg; sg.validate; from seqgan_toolkit.recipe import loading"
    )
