from __future__ import annotations

import errno
import importlib.metadata
from collections.abc import Callable
from typing import Any

import pytest

from seqgan_toolkit.errors import RunError, UserError

Command = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.usefixtures("workplace")

FAULT = "This is a fault in the program: run again with --debug for the traceback.\n"


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (UserError("a.txt:3: wrong\nb.txt: wrong too"), 2, "error: a.txt:3: wrong\nerror: b.txt: wrong too\n"),
        (RunError("the loss is not finite"), 1, "error: the loss is not finite\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/x/1.pt"), 1, "error: the disk is full while writing "
         "runs/x/1.pt: make room and run the same command again\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "error: the disk is full: make room and run the same "
         "command again\n"),
        (PermissionError(errno.EACCES, "Permission denied", "runs"), 1, "error: runs: Permission denied\n"),
        (ValueError("shapes\nand more"), 1, f"error: ValueError: shapes\n{FAULT}"),
        (KeyError(), 1, f"error: KeyError\n{FAULT}"),
    ],
)  # fmt: skip
def test_how_a_command_ends(command: Command, stages: Any, failure: BaseException, code: int, message: str) -> None:
    stages.failure = failure
    assert command("run", "small.yaml") == (code, "", message)


@pytest.mark.parametrize("words", [("--debug", "run", "small.yaml"), ("run", "small.yaml", "--debug")])
@pytest.mark.parametrize(("failure", "code"), [(ValueError("shapes"), 1), (UserError("wrong"), 2)])
def test_debug_shows_the_traceback(
    command: Command, stages: Any, words: tuple[str, ...], failure: Exception, code: int
) -> None:
    stages.failure = failure
    ended, _, message = command(*words)
    assert ended == code
    assert message.startswith("Traceback (most recent call last):")
    assert FAULT not in message


def test_a_wrong_recipe_starts_nothing(command: Command, stages: Any) -> None:
    code, output, message = command("run", "small.yaml", "generator.hidden=-1", "sede=3")
    assert (code, output) == (2, "")
    assert message.splitlines() == [
        "error: override 'generator.hidden=-1': unknown key 'generator.hidden' for the kind 'tokens'. Did you mean "
        "'generator.hidden_dim'?",
        "error: override 'sede=3': unknown key 'sede'. Did you mean 'seed'?",
    ]
    assert stages.calls == []


def test_version(command: Command) -> None:
    assert command("--version") == (0, importlib.metadata.version("seqgan-toolkit") + "\n", "")


def test_help_lists_every_verb(command: Command) -> None:
    code, output, _ = command("--help")
    assert code == 0
    listed = [line.split()[0] for line in output.partition("Commands:\n")[2].splitlines() if line]
    assert listed == [
        "run",
        "prepare",
        "train",
        "generate",
        "evaluate",
        "export",
        "validate",
        "ls",
        "cp",
        "show",
        "env",
    ]


@pytest.mark.parametrize("words", [("rn",), ("run",), ("run", "small.yaml", "--nonsense"), ("evaluate", "a", "b")])
def test_wrong_usage_exits_2(command: Command, stages: Any, words: tuple[str, ...]) -> None:
    code, output, message = command(*words)
    assert (code, output) == (2, "")
    assert "Error: " in message
    assert stages.calls == []
